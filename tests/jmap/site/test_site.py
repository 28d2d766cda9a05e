"""What programs are told of the server's settings."""

from dataclasses import replace

import pytest

from folkmoot.config.general_section import WebSettings
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.database import Database
from tests.support.jmap import Client, world

pytestmark = pytest.mark.anyio
SETTINGS = Settings(
    web=WebSettings(page_title="Lindenhof", help_url="https://help.example.org/", search_letters_min=3),
    security=SecuritySettings(export_disabled=("Calendar",), password_change=True),
)


async def test_the_settings_are_told(embedded: Database) -> None:
    async with world(embedded, SETTINGS) as house:
        anna = await house.person("anna")
        answer = await anna.call("Site/get", ids=None)
        (site,) = answer["list"]
        assert (site["title"], site["helpUrl"], site["searchLettersMin"]) == (
            "Lindenhof",
            "https://help.example.org/",
            3,
        )
        assert (site["exportDisabled"], site["passwordsAreChanged"]) == (["Calendar"], True)
        assert (site["version"], site["isSuperuser"]) == (None, False)
        assert site["davUrl"].endswith("/SOGo/dav/")
        assert site["uploadOctetsMax"] > 0
        assert site["jitsiUrl"] is None

        root = Client(house.services, replace(anna.caller, superuser=True, denied=frozenset({"Mail"})))
        (told,) = (await root.call("Site/get", ids=["singleton"]))["list"]
        assert told["version"]
        assert (told["isSuperuser"], told["modulesDenied"]) == (True, ["Mail"])
        assert (await anna.call("Site/get", ids=["x"]))["notFound"] == ["x"]
