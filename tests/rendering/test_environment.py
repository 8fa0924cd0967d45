"""The environment: what a step changes and what it leaves, and what it says of what cannot be."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import foveate
from foveate.core.errors import FoveateError
from foveate.rendering import environment as environments
from foveate.rendering.environment import Environment
from foveate.rendering.factors import DEFAULTS, check
from tests.rendering.acting import Actor


@pytest.fixture
def acted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """An environment whose Blender is an ``Actor``."""
    monkeypatch.setattr(environments, "Studio", Actor)
    with Environment(world="plain", object="car", pixels=48, samples=4) as environment:
        yield environment


def test_it_is_a_piece_of_the_package() -> None:
    assert foveate.Environment is Environment


def test_a_step_changes_what_it_names_and_nothing_else(acted: Environment) -> None:
    start = acted.factors
    assert start == {**DEFAULTS, "world": "plain", "object": "car"}
    seen = acted.step(camera_yaw=30, light="evening")
    assert acted.factors == seen.factors == {**start, "camera_yaw": 30.0, "light": "evening"}
    assert acted.step(size=1.2).factors == {**seen.factors, "size": 1.2}
    assert acted.render().factors == acted.factors


def test_reset_goes_back_to_what_it_was_made_with(acted: Environment) -> None:
    start = acted.factors
    acted.step(camera_yaw=30, object="zebra")
    assert acted.reset(light="night").factors == {**start, "light": "night"}
    assert acted.reset().factors == start


@pytest.mark.parametrize(
    ("factors", "what"),
    [
        ({"camera_yw": 3}, "unknown factor 'camera_yw'. did you mean camera_yaw"),
        ({"world": "plane"}, "world cannot be 'plane'. did you mean plain"),
        ({"size": 4}, "out of reach"),
        ({"scene": 0.5}, "whole number"),
        ({"fog": True}, "fog is a number"),
        ({"relation": "left of"}, "contradict one another: 'left of' without a second object"),
        ({"object2": "zebra", "position2": "centre"}, "both objects at the centre"),
        ({"camera_yaw": 90, "count": 13}, "out of reach"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(acted: Environment, factors: dict, what: str) -> None:
    before = acted.step(camera_pitch=20).factors
    for way in (acted.step, acted.reset):
        with pytest.raises(FoveateError, match=what):
            way(**factors)
        assert acted.factors == before
    assert len(acted.studio.shots) == 1, "nothing was rendered for it"


def test_what_contradicts_alone_holds_in_one_step(acted: Environment) -> None:
    seen = acted.step(object2="zebra", relation="left of")
    assert {"subject": 1, "predicate": "to the left of", "object": 2} in seen.relations
    assert seen.caption == "a photo of a car to the left of a zebra, in an empty place by day"


def test_spaces_are_what_a_step_takes(acted: Environment) -> None:
    assert acted.spaces.keys() == acted.factors.keys()
    for name, space in acted.spaces.items():
        for value in space.choices or (space.low, space.high):
            assert check(name, value, acted.palette) == value
        wrong = "no such thing" if space.choices else space.high + 1
        with pytest.raises(FoveateError):
            check(name, wrong, acted.palette)
    assert "none" in acted.spaces["object2"].choices
    assert "none" not in acted.spaces["world"].choices


def test_an_observation_is_a_picture_with_its_truth(acted: Environment) -> None:
    seen = acted.step(object2="zebra")
    assert (seen.image.shape, seen.image.dtype) == ((48, 48, 3), np.uint8)
    assert (seen.mask.shape, seen.depth.dtype) == ((48, 48), np.float32)
    assert np.isinf(seen.depth[0]).all(), "the sky is nowhere"
    assert [one["label"] for one in seen.objects] == ["car", "zebra"]
    for one in seen.objects:
        rows, columns = np.nonzero(seen.mask == one["mask_id"])
        assert one["box"] == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    assert not seen.fault


def test_a_bad_picture_is_shown_with_its_fault_and_not_drawn_again(acted: Environment) -> None:
    seen = acted.step(size=0.3)
    assert seen.fault.startswith("the main object covers")
    assert len(acted.studio.shots) == 1
    assert acted.factors["size"] == 0.3


def test_another_size_leaves_the_environment_s_own(acted: Environment) -> None:
    assert acted.take(acted.factors, pixels=24, samples=1).image.shape == (24, 24, 3)
    assert [(shot["px"], shot["samples"]) for shot in acted.studio.shots] == [(24, 1)]
    assert acted.render().image.shape == (48, 48, 3)


def test_a_lost_worker_is_replaced_and_a_second_loss_told(acted: Environment) -> None:
    before = acted.factors
    acted.studio.failing = 1
    assert acted.step(camera_yaw=10).factors["camera_yaw"] == 10
    assert acted.lost == 1
    acted.studio.failing = 2
    with pytest.raises(FoveateError, match="twice in a row"):
        acted.step(camera_yaw=20)
    assert acted.factors == {**before, "camera_yaw": 10.0}
    acted.step(camera_yaw=20)


def test_what_blender_cannot_do_is_told(acted: Environment) -> None:
    acted.studio.refusing = "RuntimeError: no such mesh"
    with pytest.raises(FoveateError, match="cannot render this: RuntimeError: no such mesh"):
        acted.step(object="zebra")
    assert acted.factors["object"] == "car"


@pytest.mark.parametrize("given", [{"pixels": 15}, {"pixels": 64.0}, {"samples": 0}, {"pixels": True}])
def test_pixels_and_samples_are_whole_numbers(given: dict) -> None:
    with pytest.raises(FoveateError, match=f"{next(iter(given))} = .* is out of reach"):
        Environment(**given)


def test_size_is_the_object_s() -> None:
    with pytest.raises(FoveateError, match="give the picture's side as pixels"):
        Environment(size=224)


def test_closed_it_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environments, "Studio", Actor)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Environment(world="plain", pixels=16, samples=1) as environment:
        environment.render()
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_blender_sees_what_is_asked_for(blender: str) -> None:
    with Environment(world="plain", pixels=48, samples=2, blender_python=blender) as environment:
        first = environment.render()
        assert first.caption == "a photo of a zebra, in an empty place by day"
        turned = environment.step(camera_yaw=90)
        assert np.abs(turned.image.astype(int) - first.image).mean() > 2
        again = environment.reset()
        assert (again.image == first.image).all()
        assert (again.depth == first.depth).all()
        os.kill(environment.studio.worker.pid, signal.SIGKILL)
        survived = environment.render()
        assert environment.lost == 1
        assert (survived.image == first.image).all()
        both = environment.step(object2="car", relation="right of")
        assert [one["label"] for one in both.objects] == ["zebra", "car"]
        assert {"subject": 1, "predicate": "to the right of", "object": 2} in both.relations
        assert 2.1 < np.median(first.depth[first.mask == 1]) < 2.7, "its middle is 2.6 m away, its side nearer"
