from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.server.origin import AUTHORITY, UNIX_PEER, Trust, origin_of

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"), ip_network("10.0.0.0/8"))
TRUST = Trust(LOOPBACK)
STRANGER = "198.51.100.7"


def client(headers: dict[str, str], peer: str = "127.0.0.1", trust: Trust = TRUST) -> str:
    return origin_of(trust, peer, "http", headers).client


def public(headers: dict[str, str], peer: str = "127.0.0.1", trust: Trust = TRUST) -> str:
    return origin_of(trust, peer, "http", headers).public


def test_a_stranger_is_who_it_is_whatever_it_claims() -> None:
    claims = {"x-forwarded-for": "1.2.3.4", "x-real-ip": "1.2.3.4", "x-webobjects-remote-host": "1.2.3.4"}
    assert client(claims, STRANGER) == STRANGER


def test_the_fixed_loopback_of_the_published_nginx_set_up_is_passed_over() -> None:
    sent = {
        "x-webobjects-remote-host": "127.0.0.1",
        "x-real-ip": "203.0.113.9",
        "x-forwarded-for": "203.0.113.9",
    }
    assert client(sent) == "203.0.113.9"


def test_a_remote_host_that_is_another_machine_counts() -> None:
    assert client({"x-webobjects-remote-host": "203.0.113.9", "x-real-ip": "10.0.0.2"}) == "203.0.113.9"


@pytest.mark.parametrize(
    ("chain", "nearest"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the client wrote the first one itself
        ("6.6.6.6, 203.0.113.9, 10.1.2.3", "203.0.113.9"),  # 10.1.2.3 is a proxy of ours
        ("10.1.2.3, 10.1.2.4", "10.1.2.3"),
        ("rubbish, 10.1.2.4", "10.1.2.4"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", "127.0.0.1"),
    ],
)
def test_the_nearest_untrusted_hop_is_the_client(chain: str, nearest: str) -> None:
    assert client({"x-forwarded-for": chain}) == nearest


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"host": "a.example"}, "http://a.example"),
        ({"host": "a.example", "x-webobjects-server-url": "https://mail.example/"}, "https://mail.example"),
        ({"host": "a.example", "x-webobjects-server-url": "javascript:alert(1)"}, "http://a.example"),
        (
            {"host": "127.0.0.1:20000", "x-forwarded-proto": "https", "x-forwarded-host": "m.example"},
            "https://m.example",
        ),
        (
            {"x-forwarded-host": "m.example", "x-forwarded-proto": "https", "x-forwarded-port": "8443"},
            "https://m.example:8443",
        ),
        ({"host": "m.example", "x-forwarded-proto": "https"}, "https://m.example"),
        ({"host": "m.example/evil"}, ""),
        ({"host": "m.example\r\nX: y"}, ""),
        ({"host": "[2001:db8::1]:20000"}, "http://[2001:db8::1]:20000"),
        ({}, ""),
    ],
)
def test_the_public_origin_comes_from_a_trusted_proxy_or_a_sound_host(headers: dict[str, str], origin: str) -> None:
    assert public(headers) == origin


def test_a_stranger_cannot_choose_the_scheme_and_host_of_links() -> None:
    assert public({"host": "a.example", "x-forwarded-host": "evil.example"}, STRANGER) == "http://a.example"


def test_the_configured_address_wins() -> None:
    trust = Trust(LOOPBACK, public_origin="https://mail.example")
    assert public({"x-webobjects-server-url": "https://other.example"}, trust=trust) == "https://mail.example"
    assert public({"host": "other.example"}, STRANGER, trust) == "https://mail.example"


def test_a_name_from_the_proxy_counts_only_where_that_is_configured() -> None:
    headers = {"x-webobjects-remote-user": "anna"}
    assert origin_of(TRUST, "127.0.0.1", "http", headers).remote_user == ""
    trusting = Trust(LOOPBACK, remote_user=True)
    assert origin_of(trusting, "127.0.0.1", "http", headers).remote_user == "anna"
    assert origin_of(trusting, UNIX_PEER, "http", headers).remote_user == "anna"
    assert origin_of(trusting, STRANGER, "http", headers).remote_user == ""


def test_only_listed_addresses_may_connect_where_there_is_a_list() -> None:
    assert TRUST.admits(STRANGER)
    listed = Trust(LOOPBACK, allowed=(ip_network("127.0.0.1/32"),))
    assert listed.admits("127.0.0.1")
    assert not listed.admits(STRANGER)


@given(
    st.dictionaries(st.sampled_from(["host", "x-forwarded-host", "x-forwarded-for", "x-real-ip"]), st.text(max_size=60))
)
def test_whatever_the_headers_hold_the_origin_is_empty_or_sound(headers: dict[str, str]) -> None:
    origin = public(headers)
    assert not origin or AUTHORITY.fullmatch(origin.removeprefix("http://"))
