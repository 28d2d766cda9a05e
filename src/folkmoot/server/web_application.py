"""The web application as the browser gets it: one page, and the files it was built into.

Everything is read once, when a worker starts, and kept packed: the files are a megabyte, and a request costs no disk.
"""

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from folkmoot import web
from folkmoot.server.compression import accepts_gzip, gzipped
from folkmoot.server.exchange import Answer
from folkmoot.server.routes import CONTENT

INDEX: Final = "index.html"
YEAR: Final = 365 * 24 * 3600
FOREVER: Final = f"public, max-age={YEAR}, immutable"  # names in assets/ change with what is in the files
PACKED: Final = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml", "application/json"})
# What was received is shown in frames from a path without cookies, under policies of its own.  Attributes with style
# are what people write mail with; elements with style, scripts and everything else come from our own files only.
_POLICY: Final = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src {content} blob:",
    "media-src 'self' blob:",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types svelte-trusted-html dompurify",
)
POLICY: Final = "; ".join(_POLICY)


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    etag: str
    kept: str
    body: bytes
    packed: bytes | None


class WebApplication:
    """Answers with the page and its files."""

    def __init__(self, built: Mapping[str, bytes]) -> None:
        self._files = {name: _file(name, body) for name, body in built.items()}

    @property
    def is_built(self) -> bool:
        """Whether there is a page at all."""
        return INDEX in self._files

    def page(self, origin: str, accept_encoding: str, if_none_match: str) -> Answer:
        """Return the page, whatever place in the application the URL names."""
        policy = POLICY.format(content=f"{origin}{CONTENT}")
        return self._answer(
            self._files[INDEX],
            accept_encoding,
            if_none_match,
            ("Content-Security-Policy", policy),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        )

    def file(self, path: str, accept_encoding: str, if_none_match: str) -> Answer | None:
        """Return a file by its path below ``/SOGo/ui/``; None if there is none."""
        found = self._files.get(path)
        return None if found is None or path == INDEX else self._answer(found, accept_encoding, if_none_match)

    def _answer(self, found: _File, accept_encoding: str, if_none_match: str, *headers: tuple[str, str]) -> Answer:
        kept = [("ETag", found.etag), ("Cache-Control", found.kept), ("Vary", "Accept-Encoding"), *headers]
        if found.etag in if_none_match:
            return Answer(304, kept, b"")
        kept.append(("Content-Type", found.kind))
        if found.packed is not None and accepts_gzip(accept_encoding):
            return Answer(200, [*kept, ("Content-Encoding", "gzip")], found.packed)
        return Answer(200, kept, found.body)


def built_application() -> WebApplication:
    """Read what the package holds; nothing where the user interface has not been built."""
    return WebApplication(dict(_below(Path(web.__file__).parent / "ui", "")))


def _below(place: Path, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    if place.is_dir():
        for one in sorted(place.iterdir(), key=lambda entry: entry.name):
            if one.name.startswith("."):
                continue
            path = prefix + one.name
            found += _below(one, f"{path}/") if one.is_dir() else [(path, one.read_bytes())]
    return found


def _file(name: str, body: bytes) -> _File:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    packed = gzipped(body) if kind in PACKED else None
    return _File(
        kind=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        etag=f'"{blake2b(body, digest_size=12).hexdigest()}"',
        kept=FOREVER if name.startswith("assets/") else "no-cache",
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
    )
