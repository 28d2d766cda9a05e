"""What may be done only by somebody who has just shown who it is."""

from typing import Final

from folkmoot.auth.errors import ProofNeeded
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import PrincipalId

FRESH_MILLISECONDS: Final = 10 * 60 * 1000  # after the password or second factor


def require_person(caller: Caller) -> PrincipalId:
    """Return who is signed in.

    Raises:
        Forbidden: nobody is.
    """
    if caller.anonymous:
        raise Forbidden("sign in first")
    return caller.principal


def require_fresh(caller: Caller) -> PrincipalId:
    """Return who has given the password or a second factor within ``FRESH_MILLISECONDS``.

    App passwords and tokens never do: whoever finds a device must not be able to lock its owner out.

    Raises:
        ProofNeeded: it is longer ago.
        Forbidden: nobody is signed in.
    """
    principal = require_person(caller)
    if not caller.fresh:
        raise ProofNeeded("give your password or second factor once more")
    return principal
