"""Rules of accessibility, run in the page that is shown."""

from pathlib import Path
from typing import Final

from playwright.sync_api import Page

AXE: Final = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
# What was received is shown as it was written: its faults are the sender's.
_RUN: Final = """async (tags) => {
  const rules = {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]};
  const {violations} = await axe.run({exclude: [["iframe"]]}, rules);
  const where = (node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`;
  return violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map(where).join("; ")}`);
}"""


def axe(page: Page) -> None:
    """Assert that the page breaks no rule of WCAG 2.2 AA, in light and in dark."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())  # by the debugger, which the page's policy does not bind
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = page.evaluate(_RUN, list(TAGS))
        assert found == [], "\n".join([scheme, *found])
    page.emulate_media(color_scheme="light")
