"""caldav-server-tester, the suite behind python-caldav's table of servers."""

import ast
import json
from pathlib import Path

import pytest

from tests.support.folkmoot import CARL, Folkmoot, Person
from tests.support.peers import peer, run

pytestmark = pytest.mark.peers

FEATURES_MIN = 80  # it knows more; fewer means that it gave up

# What it does not find, and why.
UNSUPPORTED = {
    "calendar-color.name": "a colour is #RRGGBB, as Apple's clients write it",
    "create-calendar.auto": "a calendar that does not exist is 404, not made by looking at it",
    "principal-search.list-all": "there is no list of everybody; a search needs a DAV:property-search",
    "scheduling.schedule-tag.stable-partstat": "the tag changes with a PUT of one's own (RFC 6638 section 3.2.10)",
    "search.text.comp-type-optional": "a prop-filter right below VCALENDAR matches its own properties (RFC 4791 9.7)",
    "search.time-range.comp-type-optional": "VCALENDAR has no time range (RFC 4791 section 9.9)",
    "url.encode-at.identity": "%40 and @ are the same path, as iOS 18 mixes both",
    "well-known": "not asked on a loopback address; the recorded sequences do",
}


def test_every_feature_is_reported_as_supported(folkmoot: Folkmoot, home: Path) -> None:
    guests = [folkmoot.add(Person(f"guest-of-the-tester{number}", "secret")) for number in range(2)]
    sections = {
        guest.login: {
            "caldav_url": f"{folkmoot.url}/SOGo/dav/",
            "caldav_username": guest.login,
            "caldav_password": guest.password,
        }
        for guest in guests
    }
    (home / ".config" / "caldav").mkdir(parents=True)
    (home / ".config" / "caldav" / "calendar.conf").write_text(json.dumps(sections))
    output = run(
        peer("caldav-server-tester"),
        *("--caldav-url", f"{folkmoot.url}/SOGo/dav/"),
        *("--caldav-username", CARL.login),
        *("--caldav-password", CARL.password),
        *(word for guest in guests for word in ("--config-section", guest.login)),
        *("--format", "hints"),
        cwd=home,
        seconds=300,
    )
    features: dict[str, dict[str, str]] = ast.literal_eval(output[output.rindex("\n{\n") :].strip())
    missing = {name: found for name, found in features.items() if found.get("support", "full") != "full"}
    assert len(features) > FEATURES_MIN
    assert {name: found for name, found in missing.items() if name not in UNSUPPORTED} == {}
    assert set(UNSUPPORTED) - set(missing) == set(), "supported by now"
