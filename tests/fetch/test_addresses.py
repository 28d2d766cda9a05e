"""Which addresses are public, and which tricks hide those that are not."""

from ipaddress import ip_network

import pytest

from folkmoot.fetch.addresses import may_ask


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"],
)
def test_public_addresses_are_asked(address: str) -> None:
    assert may_ask(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
        "",
    ],
)
def test_all_others_are_not(address: str) -> None:
    assert not may_ask(address)


def test_addresses_behind_a_translator_are_judged_by_what_is_behind() -> None:
    assert may_ask("64:ff9b::93.184.216.34")
    assert may_ask("::ffff:93.184.216.34")


def test_an_administrator_opens_networks_of_his_own() -> None:
    allowed = [ip_network("10.1.0.0/16"), ip_network("fd12::/16")]
    assert may_ask("10.1.2.3", allowed)
    assert may_ask("::ffff:10.1.2.3", allowed)
    assert may_ask("64:ff9b::10.1.2.3", allowed)
    assert may_ask("fd12::1", allowed)
    assert not may_ask("10.2.0.1", allowed)
    assert not may_ask("fd13::1", allowed)
