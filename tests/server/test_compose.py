"""From the settings to what the rooms are given."""

from pathlib import Path

import pytest

from folkmoot.config.check import check
from folkmoot.config.settings import Settings
from folkmoot.server.compose import _dav_settings
from folkmoot.server.rooms import open_rooms


def settings(text: str) -> Settings:
    return check("{ SOGoTimeZone = UTC; " + text + "}").settings


@pytest.mark.parametrize(
    ("written", "exported"),
    [("", True), ("(Mail, Contacts)", True), ("(Calendar)", False), ("(mail, calendar)", False)],
)
def test_calendars_are_exported_unless_that_is_disabled(written: str, exported: bool) -> None:
    text = f"SOGoDisableExport = {written};" if written else ""
    assert _dav_settings(settings(text)).calendar_export is exported


@pytest.mark.anyio
async def test_the_limits_of_calendars_are_those_of_the_settings(tmp_path: Path) -> None:
    text = f'FolkmootMaxInstances = 7; FolkmootMaxResourceSize = 2048; FolkmootStateDirectory = "{tmp_path}";'
    async with open_rooms(settings(text)) as rooms:
        assert rooms.services.calendars.limits.instances == 7
        assert rooms.services.calendars.limits.resource_size == 2048
