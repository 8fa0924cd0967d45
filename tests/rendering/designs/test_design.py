"""Designs lay out exactly the combinations that they promise."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from foveate.core.errors import FoveateError
from foveate.rendering.designs import Block, Design, Range, checked, plan, read, size
from foveate.rendering.designs.presets import PRESETS
from foveate.rendering.factors import check, contradiction
from foveate.rendering.palette import Palette

PALETTE = Palette()


def laid_out(seed: int = 0, **block: Any) -> list[Any]:
    return plan(checked(Design(name="test", blocks=(Block(**block),)), PALETTE), seed)


def test_full_is_the_product() -> None:
    factors = {"world": ("meadow", "desert"), "object": ("zebra", "car", "duck"), "size": (0.7, 1.0)}
    found = [tuple(p.factors[name] for name in factors) for p in laid_out(factors=factors)]
    assert found == list(product(*factors.values()))


def test_one_factor_changes_one_thing_at_a_time() -> None:
    factors = {"size": (1.0, 0.7, 1.3), "camera_yaw": (0.0, 90.0), "fog": (0.2, 0.5)}
    found = laid_out(scheme="one-factor", factors=factors, each={"object": ("zebra", "car")})
    assert (
        len(found)
        == size(Block(scheme="one-factor", factors=factors, each={"object": ("zebra", "car")}))
        == 2 * (1 + 2 + 1 + 1)
    )
    default = {"size": 1.0, "camera_yaw": 0.0, "fog": 0.2}  # where foveate's own default is not listed: the first
    for one in found:
        differs = [name for name in factors if one.factors[name] != default[name]]
        assert differs == ([] if one.varied == "default" else [one.varied])
    assert Counter(p.varied for p in found) == {"default": 2, "size": 4, "camera_yaw": 2, "fog": 2}


def test_latin_shows_every_value_equally_often_and_pairs_nearly_so() -> None:
    factors = {
        "world": ("meadow", "desert", "snow", "beach"),
        "object": ("zebra", "car", "duck"),
        "camera_yaw": Range(0, 90),
    }
    found = laid_out(scheme="latin", factors=factors, count=48)
    assert set(Counter(p.factors["world"] for p in found).values()) == {12}
    assert set(Counter(p.factors["object"] for p in found).values()) == {16}
    yaws = sorted(p.factors["camera_yaw"] for p in found)
    assert all(k * 90 / 48 <= yaw <= (k + 1) * 90 / 48 for k, yaw in enumerate(yaws))
    pairs = Counter((p.factors["world"], p.factors["object"]) for p in found)
    assert len(pairs) == 12
    assert max(pairs.values()) <= 9


def test_count_takes_a_balanced_part_of_a_full_design() -> None:
    found = laid_out(
        factors={"world": ("meadow", "desert"), "object": ("zebra", "car", "duck"), "scene": tuple(range(50))}, count=30
    )
    assert Counter(p.factors["world"] for p in found) == {"meadow": 15, "desert": 15}
    assert set(Counter(p.factors["object"] for p in found).values()) == {10}


def test_random_draws_are_the_seed_s_and_leave_nuisances_open() -> None:
    block: dict[str, Any] = {
        "scheme": "random",
        "factors": {"object": ("zebra", "zebra", "zebra", "car"), "camera_yaw": Range(-10, 10)},
        "count": 400,
    }
    first, again, other = laid_out(**block), laid_out(**block), laid_out(seed=1, **block)
    assert first == again
    assert [p.factors for p in first] != [p.factors for p in other]
    assert 0.65 < sum(p.factors["object"] == "zebra" for p in first) / 400 < 0.85
    assert len({p.factors["scene"] for p in first}) > 1
    assert len({p.seed for p in first}) == 400


def test_a_longer_random_design_begins_like_a_shorter_one() -> None:
    block: dict[str, Any] = {"scheme": "random", "factors": {"object": ("zebra", "car"), "fog": Range(0, 1)}}
    assert laid_out(count=20, **block) == laid_out(count=50, **block)[:20]


def test_held_out_values_and_pairs() -> None:
    factors = {"world": ("meadow", "desert"), "object": ("zebra", "car")}
    block = Block(factors=factors)
    worlds = plan(checked(Design(name="t", blocks=(block,), held_out=({"world": ("desert",)},)), PALETTE), 0)
    assert {(p.factors["world"], p.split) for p in worlds} == {("meadow", "train"), ("desert", "test")}
    pair = plan(
        checked(Design(name="t", blocks=(block,), held_out=({"world": ("desert",), "object": ("car",)},)), PALETTE), 0
    )
    assert [(p.factors["world"], p.factors["object"]) for p in pair if p.split == "test"] == [("desert", "car")]


@pytest.mark.parametrize("name", PRESETS.names())
def test_every_preset_takes_a_single_thing_of_the_user_s(name: str, tmp_path: Path) -> None:
    for file in ("thing.obj", "sky.hdr", "cloth.png"):
        (tmp_path / file).touch()
    own = Palette({"thing": tmp_path / "thing.obj"}, {"sky": tmp_path / "sky.hdr"}, {"cloth": tmp_path / "cloth.png"})
    assert plan(read(name, own), 0)


def test_a_range_is_held_out() -> None:
    block = Block(scheme="latin", factors={"camera_yaw": Range(-90, 90)}, count=60)
    found = plan(checked(Design(name="t", blocks=(block,), held_out=({"camera_yaw": Range(0, 30)},)), PALETTE), 0)
    assert [p.split == "test" for p in found] == [0 <= float(p.factors["camera_yaw"]) <= 30 for p in found]
    assert sum(p.split == "test" for p in found) == 10


def test_a_position_that_a_relation_sets_is_held_out() -> None:
    block = Block(factors={"relation": ("left of", "behind")}, fixed={"object2": "car"})
    found = plan(checked(Design(name="t", blocks=(block,), held_out=({"position": ("left",)},)), PALETTE), 0)
    assert [(p.factors["relation"], p.split) for p in found] == [("left of", "test"), ("behind", "train")]


def test_frames_are_held_out_by_what_each_shows() -> None:
    block = Block(frames=3, path={"camera_yaw": (0.0, 60.0)})
    found = plan(checked(Design(name="t", blocks=(block,), held_out=({"camera_yaw": Range(50, 90)},)), PALETTE), 0)
    assert [p.split for p in found] == ["train", "train", "test"]


def test_a_key_that_stands_twice_in_json_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "design.json"
    file.write_text('{"factors": {"world": ["meadow"], "world": ["desert"]}}')
    with pytest.raises(FoveateError, match="'world' stands twice"):
        read(str(file), PALETTE)


def test_a_path_makes_sequences() -> None:
    found = laid_out(factors={"object": ("zebra", "car")}, frames=5, path={"camera_yaw": (0.0, 40.0)})
    assert [p.factors["camera_yaw"] for p in found] == 2 * [0.0, 10.0, 20.0, 30.0, 40.0]
    assert [p.sequence for p in found] == [0] * 5 + [5] * 5
    assert [p.frame for p in found] == 2 * list(range(5))


def test_contradictions_are_left_out_and_nothing_left_is_an_error() -> None:
    places = {"object2": ("car",), "position": ("left", "right"), "position2": ("left", "right")}
    found = laid_out(factors=places)
    assert [(p.factors["position"], p.factors["position2"]) for p in found] == [("left", "right"), ("right", "left")]
    assert all(contradiction(p.factors) is None for p in found)
    with pytest.raises(FoveateError, match="both objects at the left"):
        laid_out(factors={"object2": ("car",)}, fixed={"position": "left", "position2": "left"})


@pytest.mark.parametrize("name", PRESETS.names())
def test_every_preset_can_be_planned(name: str) -> None:
    found = plan(read(name, PALETTE), 0)
    assert len(found) > (500 if PRESETS.load(name).__module__.startswith("foveate.") else 0)
    assert all(contradiction(p.factors) is None for p in found)
    assert len({p.index for p in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("factors = { wrold = ['meadow'] }", "unknown factor 'wrold'"),
        ("factors = { world = ['medow'] }", "did you mean meadow"),
        ("factors = { world = [] }", "no values"),
        ("factors = { size = ['big'] }", "a number"),
        ("factors = { size = [99] }", "out of reach"),
        ("factors = { scene = [0.5] }", "whole number"),
        ("factors = { size = { low = 1, high = 2 } }", "range"),
        ("scheme = 'latin'\nfactors = { size = { low = 2, high = 1 } }\ncount = 4", "down to"),
        ("scheme = 'latin'\nfactors = { size = { lo = 2 } }\ncount = 4", "low and high"),
        ("scheme = 'random'", "needs a count"),
        ("scheme = 'fill'", "unknown scheme"),
        ("factors = { world = ['meadow'] }\nfixed = { world = 'desert' }", "twice"),
        ("each = { world = ['meadow'] }", "one-factor"),
        ("colour = 3", "unknown key"),
        ("[[block]]\ncolour = 3", "unknown key"),
        ("scheme = 'full'\n[[block]]\ncount = 1", "beside them"),
        ("factors = 3", "no table"),
        ("count = 0", "above 0"),
        ("held_out = { world = ['mars'] }", "cannot be 'mars'"),
        ("path = { camera_yaw = [1, 2, 3] }\nframes = 2", "two ends"),
        ("factors = [", "no TOML"),
        ("fixed = { relation = 'left of' }", "without a second object"),
        ("fixed = { object = 'none', object2 = 'car' }", "without a first"),
        ("fixed = { object2 = 'car', count = 1 }", "count = 1"),
        (
            "fixed = { object2 = 'car', relation = 'left of', position = 'right' }",
            "position = right, which the relation sets",
        ),
        ("fixed = { count = 3, position = 'left' }", "which are scattered"),
        ("fixed = { count = 3, object2 = 'car', relation = 'above' }", "which are scattered"),
        ("frames = 2\npath = { light = ['day', 'night'] }", "cannot lead along light"),
        ("frames = 2\npath = { scene = [0, 1] }", "cannot lead along scene"),
        ("samples = 1000000000000", "out of reach"),
        (
            "frames = 3\npath = { camera_yaw = [60, 90] }\nheld_out = { camera_yaw = [0] }",
            "no picture has camera_yaw = 0",
        ),
        ("normal = 'false'", "neither true nor false"),
        ("visible = [0.9, 0.1]", "no pair of shares"),
        ("visible = 0.5", "no pair of shares"),
        (f"factors = {{ size = [1{'0' * 400}] }}", "out of reach"),
        ("factors = { world = ['meadow', 'snow'] }\nheld_out = { world = 'desert' }", "no picture has world = desert"),
        ("factors = { world = ['meadow', 'snow'] }\nheld_out = { world = ['meadow', 'snow'] }", "every picture has"),
        ("held_out = { size = { low = 0.5, high = 0.9 } }", "no picture has size = 0.5 to 0.9"),
    ],
)
def test_a_design_that_does_not_hold_says_why(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "design.toml"
    file.write_text(text)
    with pytest.raises(FoveateError) as caught:
        plan(read(str(file), PALETTE), 0)
    assert words in f"{caught.value.what} {caught.value.remedy}"


def test_a_relation_says_where_both_objects_are(tmp_path: Path) -> None:
    file = tmp_path / "design.toml"
    file.write_text("factors = { relation = ['left of', 'behind'] }\nfixed = { object2 = 'car' }")
    told = [(p.factors["position"], p.factors["position2"]) for p in plan(read(str(file), PALETTE), 0)]
    assert told == [("left", "right"), ("back", "front")]


def test_ten_to_the_nine_pictures_are_counted_not_listed(tmp_path: Path) -> None:
    scenes = list(range(1000))
    file = tmp_path / "design.json"
    file.write_text(f'{{"factors": {{"scene": {scenes}, "asset": {scenes}, "asset2": {scenes}}}}}')
    with pytest.raises(FoveateError, match="1,000,000,000 pictures"):
        plan(read(str(file), PALETTE), 0)


def test_factors_are_taken_as_the_table_tells_them() -> None:
    told = {"scene": "street#3", "asset": "car#12", "asset2": "none", "position": "scattered", "position2": "scattered"}
    taken = {name: check(name, value, PALETTE) for name, value in told.items()}
    assert taken == {"scene": 3, "asset": 12, "asset2": 0, "position": "centre", "position2": "right"}
    with pytest.raises(FoveateError, match="scene is a number"):
        check("scene", "street", PALETTE)
