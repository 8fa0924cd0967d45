from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foveate.reporting.numbers import flat, interval, number, plain, text_of


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.8634, 3, ".863"),
        (-0.05, 3, "−.050"),
        (-0.0, 3, ".000"),
        (0.9996, 3, "1.000"),
        (1.0, 2, "1.00"),
        (12.345, 3, "12.3"),
        (1450.2, 3, "1,450"),
        (1450, 3, "1,450"),
        (-3, 3, "−3"),
        (0.0000042, 3, "4.2e−06"),
        (None, 3, "–"),
        (True, 3, "yes"),
    ],
)
def test_numbers_read_as_papers_set_them(value: float | None, digits: int, text: str) -> None:
    assert number(value, digits) == text


@given(st.floats(-1e6, 1e6), st.integers(1, 6))
def test_what_is_shown_is_the_number_to_its_digits(value: float, digits: int) -> None:
    shown = float(number(value, digits).replace("−", "-").replace(",", ""))
    size = abs(value)
    room = 10**-digits if size < 10 else 10 ** -max(digits - 2, 0) if size < 100 else 1.0
    assert abs(shown - value) <= 0.51 * room


def test_an_interval_stands_behind_its_value() -> None:
    assert interval({"value": 0.8634, "low": 0.825, "high": 0.895}) == ".863 [.825, .895]"
    assert interval({"value": 0.5, "low": None, "high": None}) == ".500"
    assert interval({"value": None, "low": None, "high": None}) == "–"
    assert interval({"value": 0.025, "low": 0.0002, "high": 0.05}) == ".025 [.000, .050]"
    assert interval({"value": 0.00002, "low": 0.00001, "high": 0.00003}) == "2.0e−05 [1.0e−05, 3.0e−05]"
    assert text_of("blocks.5") == "blocks.5"


def test_plain_values_survive_json_without_nan() -> None:
    value = {"a": np.float32(0.5), "b": np.array([[1.0, np.nan]]), "c": (np.int64(3), float("inf")), 4: "x"}
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "a": 0.5,
        "b": [[1.0, None]],
        "c": [3, None],
        "4": "x",
    }


def test_nested_settings_become_dotted_rows() -> None:
    config = {"seed": 0, "optimiser": {"name": "lars", "betas": [0.9, 0.99]}, "out": None, "taps": []}
    assert flat(config) == [
        ("seed", "0"),
        ("optimiser.name", "lars"),
        ("optimiser.betas", "0.9, 0.99"),
        ("out", "–"),
        ("taps", "–"),
    ]
