"""Failures as JMAP tells them: of a request, of one method, of one object (RFC 8620 sections 3.6 and 5.3)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.auth.errors import NotAuthenticated, ProofNeeded, TooManyFailures, WrongCode
from folkmoot.collections.content import ReadOnly
from folkmoot.core.errors import (
    Conflict,
    FolkmootError,
    Forbidden,
    Locked,
    MalformedInput,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unavailable,
    Unsupported,
)

PROBLEM_TYPE: Final = "application/problem+json"
_URN: Final = "urn:ietf:params:jmap:error:"


class RequestRefused(FolkmootError):
    """A request of which nothing was run (RFC 8620 section 3.6.1).

    ``kind`` is ``unknownCapability``, ``notJSON``, ``notRequest`` or ``limit``; the last names the limit.
    """

    def __init__(self, kind: str, detail: str, *, limit: str = "", status: int = 400) -> None:
        super().__init__(detail)
        self.kind = kind
        self.limit = limit
        self.status = status

    def problem(self) -> dict[str, object]:
        """Return the problem details (RFC 7807)."""
        told: dict[str, object] = {"type": f"{_URN}{self.kind}", "status": self.status, "detail": str(self)}
        return told | ({"limit": self.limit} if self.limit else {})


class MethodFailed(FolkmootError):
    """A method that could not be run; ``kind`` is its type (RFC 8620 section 3.6.2 and the method's own)."""

    def __init__(self, kind: str, description: str = "", **more: Any) -> None:
        super().__init__(description or kind)
        self.kind = kind
        self.more = more

    def told(self) -> dict[str, object]:
        """Return the arguments of the ``error`` response."""
        return {"type": self.kind, "description": str(self), **self.more}


class SetFailed(FolkmootError):
    """One object that could not be created, changed or destroyed (RFC 8620 section 5.3)."""

    def __init__(self, kind: str, description: str = "", *, properties: Sequence[str] = (), **more: Any) -> None:
        super().__init__(description or kind)
        self.kind = kind
        self.properties = tuple(properties)
        self.more = more

    def told(self) -> dict[str, object]:
        """Return the SetError."""
        told: dict[str, object] = {"type": self.kind, "description": str(self), **self.more}
        return told | ({"properties": list(self.properties)} if self.properties else {})


class InvalidProperties(SetFailed):
    """Properties that are unknown, of another type, or not the client's to set."""

    def __init__(self, description: str, *properties: str) -> None:
        super().__init__("invalidProperties", description, properties=properties)


# Beyond the standards: the page asks for a proof, and tries again.
_PROOFS: Final[Mapping[type[FolkmootError], str]] = {
    ProofNeeded: "needsProof",
    WrongCode: "wrongCode",
    TooManyFailures: "tooManyFailures",
}
_METHOD: Final[Mapping[type[FolkmootError], str]] = {
    **_PROOFS,
    MalformedInput: "invalidArguments",
    Unsupported: "invalidArguments",
    TooLarge: "requestTooLarge",
    Forbidden: "forbidden",
    NotAuthenticated: "forbidden",
    NotFound: "notFound",
    PreconditionFailed: "stateMismatch",
    Conflict: "conflict",
    Locked: "forbidden",
    ReadOnly: "forbidden",
    Unavailable: "serverUnavailable",
}
_SET: Final[Mapping[type[FolkmootError], str]] = {
    **_PROOFS,
    MalformedInput: "invalidProperties",
    Unsupported: "invalidProperties",
    TooLarge: "tooLarge",
    Forbidden: "forbidden",
    NotAuthenticated: "forbidden",
    NotFound: "notFound",
    PreconditionFailed: "stateMismatch",
    Conflict: "conflict",
    Locked: "forbidden",
    ReadOnly: "forbidden",
}


def method_failed(error: FolkmootError) -> MethodFailed:
    """Return an expected failure as that of a method."""
    if isinstance(error, MethodFailed):
        return error
    if isinstance(error, SetFailed):
        return MethodFailed(error.kind, str(error), **error.more)
    return MethodFailed(_kind(_METHOD, error, "serverFail"), str(error))


def set_failed(error: FolkmootError) -> SetFailed:
    """Return an expected failure as that of one object.

    Raises:
        Unavailable: it is one, which concerns all objects.
    """
    if isinstance(error, SetFailed):
        return error
    if isinstance(error, Unavailable):
        raise error
    properties = getattr(error, "properties", ())
    return SetFailed(_kind(_SET, error, "serverFail"), str(error), properties=properties)


def _kind(kinds: Mapping[type[FolkmootError], str], error: FolkmootError, otherwise: str) -> str:
    return next((kind for type_, kind in kinds.items() if isinstance(error, type_)), otherwise)
