"""Pictures that end their worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foveate.rendering.designs import Block, Design, checked, plan
from foveate.rendering.palette import Palette
from foveate.rendering.pictures import Taken, take_all
from tests.rendering.acting import Actor

BLOCK = Block(factors={"object": ("car", "cow"), "world": ("plain", "snow")}, fixed={"asset": 0, "scene": 0})
DESIGN = Design(name="t", blocks=(BLOCK,), size=32)


def taken(studios: list[Any], folder: Path) -> dict[int, Taken]:
    palette = Palette()
    planned = plan(checked(DESIGN, palette), 0)
    return {one.planned.index: one for one in take_all(planned, DESIGN, palette, studios, folder)}


@pytest.mark.parametrize("workers", [1, 2])
def test_it_is_taken_again_alone_when_all_others_are_done(tmp_path: Path, workers: int) -> None:
    studios = [Actor() for _ in range(workers)]
    studios[0].failing = 2
    found = taken(studios, tmp_path)
    assert sorted(found) == [0, 1, 2, 3]
    assert all(one.path is not None and one.path.exists() for one in found.values())
    lost = studios[0].shots[0]
    assert studios[0].shots[-1] == lost
    assert all(studio.closed for studio in studios)


def test_after_that_it_is_given_up_and_noted(tmp_path: Path) -> None:
    studio = Actor()
    studio.failing = 100
    found = taken([studio], tmp_path)
    assert [one.path for one in found.values()] == [None] * 4
    assert all("Blender has ended" in one.why for one in found.values())
    studio = Actor()  # what is noted is not taken again
    assert [one.why for one in taken([studio], tmp_path).values()] == [one.why for one in found.values()]
    assert not studio.shots


def test_what_a_crash_left_torn_is_taken_anew(tmp_path: Path) -> None:
    first = taken([Actor()], tmp_path)
    (tmp_path / "0000000.npz").write_bytes((tmp_path / "0000000.npz").read_bytes()[:100])
    (tmp_path / "0000001.npz").unlink()
    (tmp_path / "0000002.json").write_text("{}")
    studio = Actor()
    assert [one.path for one in taken([studio], tmp_path).values()] == [one.path for one in first.values()]
    assert len(studio.shots) == 3
