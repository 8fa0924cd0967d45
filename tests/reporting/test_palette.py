from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from foveate.reporting.palette import INKS, RAMP, SERIES, colours, themed, tokens, variables

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
BLINDNESS = {
    "full colour": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[index : index + 2], 16) for index in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = np.cbrt(np.clip(xyz / [0.9505, 1.0, 1.089], 0, None))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_and_marks_stand_out_from_the_page(dark: bool) -> None:
    paper = INKS["paper"][dark]
    assert all(contrast(INKS[name][dark], paper) >= 4.5 for name in ("ink", "muted"))
    assert {
        name: round(contrast(pair[dark], paper), 1) for name, pair in SERIES.items() if contrast(pair[dark], paper) < 3
    } == {}


@pytest.mark.parametrize("sight", BLINDNESS)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_series_that_stand_together_can_be_told_apart(dark: bool, sight: str) -> None:
    seen = {name: lab(BLINDNESS[sight] @ linear(SERIES[name][dark])) for name in ("blue", "orange", "grey", "gold")}
    near = {pair: round(float(np.linalg.norm(seen[pair[0]] - seen[pair[1]]))) for pair in combinations(seen, 2)}
    assert min(near.values()) >= 11, near


def test_a_heat_map_s_ramp_runs_one_way() -> None:
    light, dark = ([luminance(colour) for colour in ramp] for ramp in RAMP)
    assert light == sorted(light, reverse=True)
    assert dark == sorted(dark)


def test_a_name_has_its_colour_in_every_chart() -> None:
    assert colours(["target", "reference", "untrained"]) == [SERIES[name][0] for name in ("blue", "orange", "grey")]
    assert colours(["Untrained", "mine"])[0] == SERIES["grey"][0]
    assert len(set(colours(["a", "b", "c", "d", "e", "f"]))) == 6
    assert SERIES["blue"][0] not in colours(["target", "a", "b"])[1:]


def test_the_page_swaps_the_palette_for_its_variables() -> None:
    assert themed(f'{{"color": "{SERIES["blue"][0]}", "x": "#123456"}}') == '{"color": "var(--blue)", "x": "#123456"}'
    assert "--blue:#1c5fb4;" in variables(dark=False)
    assert "--blue:#74aef7;" in variables(dark=True)


def test_every_page_begins_with_the_same_tokens() -> None:
    sheet = tokens()
    assert "/*" not in sheet, "nothing is left to fill in"
    assert sheet.count(variables(dark=False)) == 1
    assert sheet.count(variables(dark=True)) == 2, "for the system's choice and for the reader's"
    assert sheet.count("--raised:") == 3
