"""The page around a shown message: what the sandboxed frame loads, and the policy it is served with.

The frame has no scripts, no forms and no origin; links open in windows of their own.  The policy says the same again,
so that a frame without its ``sandbox`` attribute holds, too.
"""

import re
from typing import Final

# Nothing but styles and pictures; the caller names from where.
_POLICY: Final = (
    "default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
SANDBOX: Final = "allow-popups allow-popups-to-escape-sandbox"
"""The ``sandbox`` attribute of the frame: never scripts, forms or same-origin."""
_SOURCE: Final = re.compile(r"(?:'self'|data:|https?://[A-Za-z0-9.:\[\]-]{1,255}(?:/[\w./-]{0,200})?)")
_STYLE: Final = """\
html{color-scheme:light}
body{margin:0;padding:12px;background:#fff;color:#1a1a1a;font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
body.plain{color-scheme:light dark;background:Canvas;color:CanvasText}
img{max-width:100%;height:auto}
table{max-width:100%}
.text{white-space:pre-wrap}
.text .signature{opacity:.6}
.text blockquote,blockquote[type=cite]{margin:0 0 0 2px;padding-left:10px;border-left:2px solid #8aa}
.message{margin:16px 0 8px;padding:8px 12px;border:1px solid #8886;border-radius:4px}
.message dt{display:inline;font-weight:600}
.message dd{display:inline;margin:0}
.message dd::after{content:"";display:block}
.picture{margin:8px 0}
"""


def policy(pictures: tuple[str, ...]) -> str:
    """Return the Content-Security-Policy for a message whose pictures come from these sources."""
    sources = [source for source in pictures if _SOURCE.fullmatch(source)]
    return _POLICY.format(pictures=" ".join(dict.fromkeys(["data:", *sources])))


def document(html: str, csp: str, *, plain: bool) -> str:
    """Return a whole document that shows a piece of safe HTML."""
    without_sandbox = csp.partition("; sandbox")[0]  # which a meta element may not set
    body = ' class="plain"' if plain else ""
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{without_sandbox}">'
        '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
        f'<base target="_blank"><style>{_STYLE}</style></head><body{body}>{html}</body></html>'
    )
