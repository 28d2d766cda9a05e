"""``folkmoot jmap-types``: the description of JMAP's types, written out for those who build upon it."""

import click

from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.writing_types import markdown, typescript


@click.command(hidden=True)
@click.option("--typescript", "form", flag_value="typescript", default=True, help="Types for programs.")
@click.option("--markdown", "form", flag_value="markdown", help="The reference in the documentation.")
def jmap_types(form: str) -> None:
    """Write out the types of JMAP."""
    click.echo(markdown(REGISTRY) if form == "markdown" else typescript(REGISTRY), nl=False)
