"""Masks, depth, boxes and relations against an independent projection of the meshes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.rendering import assets, truth
from foveate.rendering.client import Studio, WorkerFailed
from foveate.rendering.modelling.profiles import box, hull
from foveate.rendering.scene import Asset, Part

PX = 64


def shot(plain: str, objects: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    camera = {"yaw": 0.0, "pitch": 10.0, "roll": 0.0, "distance": 3.0, "fov": 35.0, "target": [0.0, 0.0, 0.4]}
    light = {
        "elevation": 40.0,
        "azimuth": 40.0,
        "intensity": 1.0,
        "kelvin": 6500.0,
        "sun": 1.0,
        "clouds": 0.0,
        "sky": 0.0,
        "exposure": 0.0,
        "dimmed": 0.0,
    }
    asked = {
        "world": plain,
        "objects": objects,
        "camera": camera | changes.pop("camera", {}),
        "light": light,
        "fog": 0.0,
        "blur": 0.0,
    }
    return asked | {"px": PX, "samples": 4, "seed": 1, "passes": ["mesh", "normal"]} | changes


def thing(asset: Path, **changes: Any) -> dict[str, Any]:
    return {
        "asset": str(asset),
        "material": None,
        "size": 1.0,
        "yaw": 0.0,
        "pitch": 0.0,
        "roll": 0.0,
        "place": [0, 0, 0],
    } | changes


@pytest.fixture
def cube(tmp_path: Path) -> Path:
    return assets.write(Asset(parts=(Part(mesh=box((1, 1, 1)), smooth=False),)), tmp_path / "cube.npz")


@pytest.fixture
def wedge(tmp_path: Path) -> Path:
    points = np.array([[-1, -0.4, 0], [1, -0.4, 0], [-1, 0.4, 0], [1, 0.4, 0], [0.8, 0, 1.1]])
    return assets.write(Asset(parts=(Part(mesh=hull(points), smooth=False),)), tmp_path / "wedge.npz")


def taken(studio: Studio, asked: dict[str, Any], tmp_path: Path) -> tuple[truth.Truth, list[tuple[Any, Any]]]:
    path = tmp_path / "picture.npz"
    studio.render(asked, path)
    with np.load(path) as file:
        meshes = [(file[f"mesh{k}.vertices"], file[f"mesh{k}.faces"]) for k in range(len(asked["objects"]))]
    return truth.read(path), meshes


def projected(meshes: list[tuple[Any, Any]], camera: dict[str, Any], fine: int = 4) -> tuple[Any, Any]:
    """The instance in front and its depth at ``fine`` × ``fine`` points of every pixel, by filling triangles into a depth buffer."""
    k, rt, n = camera["intrinsics"] * np.array([[fine], [fine], [1]]), camera["extrinsics"], PX * fine
    front, depth = np.zeros((n, n), int), np.full((n, n), np.inf)
    for number, (vertices, faces) in enumerate(meshes, 1):
        local = vertices @ rt[:3, :3].T + rt[:3, 3]
        xy = (local @ k.T)[:, :2] / local[:, 2:]
        for a, b, c in faces:
            (x0, y0), (x1, y1), (x2, y2) = xy[[a, b, c]]
            area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
            low = np.clip(np.floor([min(x0, x1, x2), min(y0, y1, y2)]).astype(int), 0, n)
            high = np.clip(np.ceil([max(x0, x1, x2), max(y0, y1, y2)]).astype(int) + 1, 0, n)
            if abs(area) < 1e-9 or (high <= low).any():
                continue
            x, y = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
            u = ((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / area
            v = ((x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)) / area
            w = 1 - u - v
            inside = (u >= 0) & (v >= 0) & (w >= 0)
            z = 1 / (u / local[a, 2] + v / local[b, 2] + w / local[c, 2])
            window = (slice(low[1], high[1]), slice(low[0], high[0]))
            nearer = inside & (z < depth[window])
            depth[window] = np.where(nearer, z, depth[window])
            front[window] = np.where(nearer, number, front[window])
    return front, depth


def agree(found: truth.Truth, meshes: list[tuple[Any, Any]], fine: int = 4) -> None:
    """Masks within the pixel filter's reach of the outline, areas, boxes and depths as projected."""
    front, depth = projected(meshes, found.camera, fine)
    cells = front.reshape(PX, fine, PX, fine).transpose(0, 2, 1, 3).reshape(PX, PX, -1)
    for number in range(1, len(meshes) + 1):
        share = (cells == number).mean(-1)
        ours = found.mask == number
        area = share.sum()
        assert abs(ours.sum() - area) <= 0.06 * area + 4
        sure, never = share == 1, share == 0
        inner = sure & _all_around(sure)
        outer = never & _all_around(never)
        assert ours[inner].all(), "a pixel well inside belongs to the object"
        assert not ours[outer].any(), "a pixel well outside does not"
        if area > 8:
            rows, columns = np.flatnonzero((share >= 0.5).any(1)), np.flatnonzero((share >= 0.5).any(0))
            expected = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
            np.testing.assert_allclose(found.boxes[number - 1], expected, atol=1.5)
        z = depth.reshape(PX, fine, PX, fine).transpose(0, 2, 1, 3).reshape(PX, PX, -1)
        low, high = np.nan_to_num(z.min(-1), posinf=1e9), np.nan_to_num(z.max(-1), posinf=1e9)
        there = inner & (high < 1e9)
        # The pass holds one sample per pixel, taken up to a pixel and a half from its middle.
        reach = 2 * (high - low) + 1e-3
        assert (found.depth[there] >= (low - reach)[there]).all()
        assert (found.depth[there] <= (high + reach)[there]).all()


def _all_around(mask: Any) -> Any:
    padded = np.pad(mask, 1, constant_values=True)
    return np.logical_and.reduce(
        [padded[1 + i : PX + 1 + i, 1 + j : PX + 1 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
    )


@pytest.mark.parametrize(
    "camera", [{}, {"yaw": 130.0, "pitch": 35.0}, {"roll": 25.0, "distance": 2.2}, {"yaw": -60.0, "fov": 55.0}]
)
def test_mask_box_and_depth_of_planted_solids(
    studio: Studio, plain: str, cube: Path, wedge: Path, tmp_path: Path, camera: dict[str, float]
) -> None:
    objects = [
        thing(cube, place=[-0.45, 0, 0], size=0.6, yaw=20),
        thing(wedge, place=[0.45, 0.1, 0], size=0.8, yaw=-40, roll=10),
    ]
    found, meshes = taken(studio, shot(plain, objects, camera=camera), tmp_path)
    agree(found, meshes)


def test_a_hidden_object_is_known_to_be_hidden(studio: Studio, plain: str, cube: Path, tmp_path: Path) -> None:
    objects = [thing(cube, size=0.6, place=[0, -0.4, 0]), thing(cube, size=0.3, place=[0, 0.6, 0])]
    found, meshes = taken(studio, shot(plain, objects, camera={"pitch": 4.0}), tmp_path)
    agree(found, meshes)
    assert found.visibility[0] > 0.95
    assert found.visibility[1] < 0.05


def test_half_of_an_object_out_of_the_frame(studio: Studio, plain: str, cube: Path, tmp_path: Path) -> None:
    found, meshes = taken(studio, shot(plain, [thing(cube, size=0.5, place=[0.95, 0, 0])]), tmp_path)
    agree(found, meshes)
    assert found.outlines[0][2] > PX
    assert found.boxes[0] is not None
    assert found.boxes[0][2] == PX
    assert 0.2 < found.visibility[0] < 0.8


def test_objects_stand_on_the_ground_and_on_what_raises_them(
    studio: Studio, plain: str, wedge: Path, tmp_path: Path
) -> None:
    objects = [
        thing(wedge, size=0.5, pitch=33, roll=20, place=[0.4, 0, 0]),
        thing(wedge, size=0.5, place=[-0.4, 0, 0.62]),
    ]
    found, _ = taken(studio, shot(plain, objects), tmp_path)
    assert abs(found.bounds[0][0, 2]) < 1e-5
    assert abs(found.bounds[1][0, 2] - 0.62) < 1e-5
    np.testing.assert_allclose((found.bounds[1][1] - found.bounds[1][0]).max(), 0.5, rtol=1e-4)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([-0.4, 0, 0], [0.4, 0, 0], {"to the left of"}),
        ([0.4, 0, 0], [-0.4, 0, 0], {"to the right of"}),
        ([0, 0.45, 0.62], [0, -0.25, 0], {"above", "behind"}),
        ([-0.2, -0.5, 0], [0.2, 0.7, 0], {"in front of", "to the left of"}),
    ],
)
@pytest.mark.parametrize("yaw", [0.0, 90.0, 205.0])
def test_relations_hold_as_the_picture_shows_them(
    studio: Studio,
    plain: str,
    cube: Path,
    tmp_path: Path,
    first: list[float],
    second: list[float],
    expected: set[str],
    yaw: float,
) -> None:
    objects = [thing(cube, size=0.4, place=first), thing(cube, size=0.4, place=second)]
    found, _ = taken(studio, shot(plain, objects, camera={"yaw": yaw}), tmp_path)
    said = {word for a, word, b in truth.relations(found) if (a, b) == (0, 1)}
    assert said == expected


def test_normals_of_a_cube(studio: Studio, plain: str, cube: Path, tmp_path: Path) -> None:
    found, _ = taken(studio, shot(plain, [thing(cube, size=0.8)], camera={"pitch": 30.0}), tmp_path)
    assert found.normal is not None
    inside = found.normal[_all_around(found.mask == 1) & (found.mask == 1)]
    length = np.linalg.norm(inside, axis=1)
    faces = inside[np.abs(length - 1) < 1e-3]
    assert len(faces) > 0.8 * len(inside)
    assert (np.abs(faces[:, 1] + 1) < 1e-3).any(), "the face towards the camera"
    assert (np.abs(faces[:, 2] - 1) < 1e-3).any(), "the top"


def test_a_material_that_does_not_exist_is_refused_each_time(studio: Studio, plain: str, tmp_path: Path) -> None:
    part = Part(mesh=box((1, 1, 1)), material="snowy")
    asked = shot(plain, [thing(assets.write(Asset(parts=(part,)), tmp_path / "cube.npz"))])
    for _ in range(2):  # nothing half made is left for the second
        with pytest.raises(WorkerFailed, match="no material is named 'snowy'; there are .*snow"):
            studio.render(asked, tmp_path / "p.npz")
