"""Other people's models and panoramas: each stands upright on the ground, in the frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import foveate
from foveate.rendering.palette import read

pytestmark = pytest.mark.real


def test_every_model_stands_on_the_ground_in_the_frame(real_data: Path, blender: str, tmp_path: Path) -> None:
    names = list(read(str(real_data / "models3d"), (), None).own_objects)
    assert len(names) >= 10
    design = tmp_path / "design.toml"
    design.write_text(f"factors = {{ object = {names}, world = ['plain'] }}\nsize = 48\nsamples = 1\n")
    report = foveate.render(design, objects=real_data / "models3d", out=tmp_path / "out", blender_python=blender)
    assert not report.skipped
    rows = {row["factors"]["object"]: row for row in foveate.load_data(f"render:{tmp_path}/out")}
    assert sorted(rows) == sorted(names)
    for name, row in rows.items():
        (thing,) = row["objects"]
        low, high = np.array(thing["bounds"])
        assert abs(low[2]) < 1e-4, f"{name} floats or sinks"
        np.testing.assert_allclose(low[:2] + high[:2], 0, atol=1e-4, err_msg=f"{name} is off centre")
        # Its longest side is a metre, but it stands turned by 35 degrees.
        assert 0.7 < (high - low).max() < 1.5
        assert thing["area"] > 0.02
        assert thing["visibility"] > 0.5
    # What they are like is known: each is taller, or flatter, than it is wide, as it stands in life.
    for name, tall in {
        "flighthelmet": True,
        "spot": True,
        "teapot": False,
        "fox": False,
        "cakebirthday": False,
    }.items():
        low, high = np.array(rows[name]["objects"][0]["bounds"])
        assert (high[2] - low[2] > 0.62 * (high - low)[:2].max()) == tall, name


def test_every_panorama_is_a_world(real_data: Path, blender: str, tmp_path: Path) -> None:
    files = sorted((real_data / "hdri").glob("*.hdr"))
    names = list(read(None, tuple(map(str, files)), None).own_worlds)
    assert len(names) == len(files) >= 5
    design = tmp_path / "design.toml"
    design.write_text(f"factors = {{ world = {names}, camera_yaw = [0, 180] }}\nsize = 48\nsamples = 2\n")
    report = foveate.render(design, world=tuple(map(str, files)), out=tmp_path / "out", blender_python=blender)
    assert report.metrics["render.kept"].value == 1
    table = foveate.load_data(f"render:{tmp_path}/out")
    pixels = [np.asarray(row["image"], np.float32)[:16] for row in table]
    apart = [np.abs(a - b).mean() for k, a in enumerate(pixels) for b in pixels[k + 1 :]]
    assert min(apart) > 2, "each panorama and each way of looking at it shows something else"
    assert table[0]["caption"].startswith(f"a photo of a zebra, in {names[0].replace('_', ' ')}")
