"""Rows that commands print."""

import pytest

from folkmoot.tool.columns import aligned, echo_rows


def test_columns_stand_below_one_another_in_all_scripts() -> None:
    assert list(aligned([("anna", "individual", "Anna"), ("天文台", "thing", "x")])) == [
        "anna    individual  Anna",
        "天文台  thing       x",
    ]
    assert list(aligned([])) == []


def test_programs_get_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    echo_rows([("a", "", "b")])
    assert capsys.readouterr().out == "a\t\tb\n"
