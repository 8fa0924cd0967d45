"""The study's own arithmetic on planted numbers, and the whole of it on a handful of tiny pictures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import foveate
from foveate.rendering.designs import checked, plan
from foveate.rendering.designs.file import read
from foveate.rendering.palette import Palette
from foveate.studies import pug
from foveate.studies.pug import measures, ranking, sets


def planted(roll: float, size: float, noise: float = 0.02) -> list[tuple[object, ...]]:
    """(factor, asset, loss, the pixels' loss, change of pixels): losses of so much per tenth of pixel change beyond the pixels'."""
    draw = np.random.default_rng(0)
    made: list[tuple[object, ...]] = []
    for asset in range(30):
        for factor, rate in (("camera_roll", roll), ("size", size)):
            for change in (0.05, 0.1, 0.2):
                pixels = 0.1 * draw.random()
                made.append((factor, asset, pixels + 10 * rate * change + noise * draw.normal(), pixels, change))
    return made


def test_harm_is_the_difference_of_rates_and_its_control_is_0() -> None:
    found = measures._harm(planted(0.3, 0.1), "camera_roll", "size", 0)
    assert found.low < 0.2 < found.high
    assert found.high - found.low < 0.05
    mixed = measures._harm(planted(0.3, 0.1), "camera_roll", "size", 0, mixed=True)
    assert mixed.low < 0 < mixed.high


def test_harm_of_equal_factors_covers_0() -> None:
    found = measures._harm(planted(0.2, 0.2), "camera_roll", "size", 0)
    assert found.low < 0 < found.high


def test_every_claim_has_a_control_and_a_condition_of_its_scale() -> None:
    for claim in pug.STUDY.claims:
        assert claim.control_name
        assert set(claim.conditions) <= {"small", "mobilenet", "ranking"}
        assert bool(claim.real) == (claim.conditions != ("small",))
    assert len({claim.id for claim in pug.STUDY.claims}) == len(pug.STUDY.claims) == 9


@pytest.mark.parametrize(("order", "rho"), [(np.arange(8), 1.0), (np.arange(8)[::-1], -1.0)])
def test_a_planted_ranking_is_found(order: np.ndarray, rho: float) -> None:
    draw = np.random.default_rng(0)
    skill = np.linspace(0.1, 0.9, 8)
    made = draw.random((8, 2000)) < skill[:, None]
    photographed = draw.random((8, 2000)) < skill[order, None]
    found = ranking.correlation(made, np.arange(2000) // 400, photographed, np.arange(2000), 0)
    assert found.value == pytest.approx(rho)
    assert min(abs(found.low), abs(found.high)) > 0.9


def test_objects_are_cut_out_into_class_folders(tmp_path: Path) -> None:
    sets.cut_out("builtin:tabletop@test[0:20]", tmp_path, pixels=32)
    rows = foveate.load_data("builtin:tabletop@test[0:20]")
    large = [
        thing["label"]
        for row in rows
        for thing in row["objects"]
        if min(thing["box"][2] - thing["box"][0], thing["box"][3] - thing["box"][1]) >= 6
    ]
    cut = [path.parent.name for path in tmp_path.glob("*/*.png")]
    assert sorted(cut) == sorted(large)
    assert {Image.open(path).size for path in tmp_path.glob("*/*.png")} == {(32, 32)}


def test_the_paper_scale_asks_for_the_published_numbers() -> None:
    folder = Path(sets.__file__).parent / pug.STUDY.scales["paper"].options["designs"]
    planned = {}
    for name in ("worlds", "factors", "captions"):
        design = checked(read(str(folder / f"{name}.toml"), Palette()), Palette())
        planned[name] = len(plan(design, 0))
    assert planned == {"worlds": 215_040, "factors": 88_328, "captions": 43_560}


@pytest.mark.slow
def test_the_measures_on_tiny_pictures(blender: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("foveate.rendering.client.interpreter", lambda given: Path(blender))
    # A picture is a third of a second whatever its size: two materials, and the default and two other values of each factor, go
    # through the same measures as all of them. A held-out world needs ten pictures, and a distance ten pairs.
    monkeypatch.setattr(sets, "MATERIALS", sets.MATERIALS[:2])
    monkeypatch.setattr(sets, "FACTORS", {name: values[:3] for name, values in sets.FACTORS.items()})
    options = {**pug._LAPTOP, "classes": 3, "worlds": 4, "pixels": 24, "samples": 1}
    values = measures.worlds("random:foveate:resnet9", 0, options) | measures.factors(
        "random:foveate:resnet9", 0, options
    )
    for name in ("gain", "shuffled_gain", "camera_roll", "material", "apart", "apart_control"):
        assert np.isfinite(values[name]), name
        assert values[f"{name}_low"] <= values[name] <= values[f"{name}_high"]
    assert values["held"] == 2
    home = Path(os.environ["FOVEATE_CACHE"]) / "rendering" / "studies"
    before = {path: path.stat().st_mtime_ns for path in home.glob("*/*.parquet")}
    assert len(before) == 2
    sets.rendered("worlds", 0, options)
    assert {path: path.stat().st_mtime_ns for path in home.glob("*/*.parquet")} == before, "rendered once, then read"


def test_probabilities_are_of_the_likeliest_classifier_not_of_the_softest() -> None:
    """Classes far apart: every C is right everywhere, and by accuracy the softest would be taken."""
    from foveate.measures import logistic
    from foveate.studies.pug import measures

    draw = np.random.default_rng(0)
    y = np.arange(120) % 3
    x = (8 * np.eye(3)[y] + draw.normal(size=(120, 3))).astype(np.float32)
    fit, held, grid = np.arange(81), np.arange(81, 120), (1e-3, 1e-2, 1.0)
    assert all((np.asarray(logistic.fit(x[fit], y[fit], 3, (C,)).predict(x[held])) == y[held]).all() for C in grid)
    found = measures._likely(x, y, fit, held, grid)
    assert found.C == 1.0
    assert np.asarray(found.scores(x[held]))[np.arange(39), y[held]].mean() > 0.9
