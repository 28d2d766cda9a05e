"""Counting of requests."""

import pytest

from folkmoot.auth import request_limits
from folkmoot.auth.request_limits import RequestLimits
from folkmoot.config.security_section import SecuritySettings
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.ids import PrincipalId

ANNA, BERT = Caller(PrincipalId("anna")), Caller(PrincipalId("bert"))


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(request_limits, "monotonic", lambda: now[0])
    return now


def limits(count: int) -> RequestLimits:
    return RequestLimits(SecuritySettings(requests_max=count, requests_interval_seconds=30, requests_block_seconds=300))


def test_without_a_limit_everything_is_admitted() -> None:
    unlimited = limits(0)
    assert not any(unlimited.admit(ANNA) for _ in range(1000))


def test_beyond_the_limit_only_that_user_waits(hand: list[float]) -> None:
    three = limits(3)
    assert [three.admit(ANNA) for _ in range(5)] == [0, 0, 0, 300, 300]
    assert three.admit(BERT) == 0
    assert three.admit(ANONYMOUS) == 0
    hand[0] += 299.5
    assert three.admit(ANNA) == 1
    hand[0] += 1
    assert [three.admit(ANNA) for _ in range(4)] == [0, 0, 0, 300]


def test_counting_starts_anew_after_the_interval(hand: list[float]) -> None:
    three = limits(3)
    for _ in range(10):
        assert [three.admit(ANNA) for _ in range(3)] == [0, 0, 0]
        hand[0] += 30


def test_the_number_of_counted_users_is_bounded(hand: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "COUNTED_MAX", 10)
    one = limits(1)
    for i in range(100):
        assert one.admit(Caller(PrincipalId(f"user{i}"))) == 0
    assert len(one._counts) == 10
