"""Whole random scenes of real objects: what the table says of them against an independent projection of their meshes.

``FOVEATE_TRUTH_PICTURES=500`` takes as many; the summary is printed with ``-s``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.rendering import truth
from foveate.rendering.captions import parse
from foveate.rendering.client import Studio
from foveate.rendering.designs import Block, Design, Range, checked, plan
from foveate.rendering.palette import Palette
from foveate.rendering.record import row
from foveate.rendering.shots import cast, shot

# Cells of a pixel's side: every cell that a mesh touches is filled, so an outline grows by half a cell (area .95 with 6, .98 with 12, 1.00 with 24).
PX, FINE, POINTS = 64, 12, 2_000_000
PICTURES = int(os.environ.get("FOVEATE_TRUTH_PICTURES", "6"))
# Worlds without grass or clutter in front of the objects, which their meshes alone would not tell of.
WORLDS = ("plain", "studio", "gym", "street")


def scenes(count: int) -> list[Any]:
    factors: dict[str, Any] = {
        "world": WORLDS,
        "object": tuple(Palette().objects),
        "object2": tuple(Palette().objects),
        "relation": ("left of", "right of", "above", "below", "in front of", "behind"),
        "object_yaw": Range(-180, 180),
        "object2_yaw": Range(-180, 180),
        "camera_yaw": Range(-180, 180),
        "camera_pitch": Range(5, 40),
    }
    block = Block(scheme="latin", factors=factors, count=count, fixed={"asset": 0, "asset2": 0, "scene": 0})
    return plan(checked(Design(name="truth", blocks=(block,)), Palette()), 0)


def projected(meshes: list[tuple[Any, Any]], camera: dict[str, Any]) -> tuple[Any, Any]:
    """Of each cell of a fine grid the instance in front (0 none) and its depth, from points spread densely over the meshes."""
    n = PX * FINE
    depth, front = np.full(n * n, np.inf), np.zeros(n * n, int)
    draw = np.random.default_rng(0)
    for number, (vertices, faces) in enumerate(meshes, 1):
        local = vertices.astype(float) @ camera["extrinsics"][:3, :3].T + camera["extrinsics"][:3, 3]
        a, b, c = (local[faces[:, k]] for k in range(3))
        size = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        chosen = draw.choice(len(faces), POINTS, p=size / size.sum())
        u, v = draw.random((2, POINTS, 1))
        u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
        points = a[chosen] + u * (b - a)[chosen] + v * (c - a)[chosen]
        points = points[points[:, 2] > 0.05]
        xy = (points @ camera["intrinsics"].T)[:, :2] / points[:, 2:] * FINE
        cell = np.floor(xy).astype(int)
        inside = ((cell >= 0) & (cell < n)).all(1)
        index = cell[inside, 1] * n + cell[inside, 0]
        z = points[inside, 2]
        nearest = np.full(n * n, np.inf)
        np.minimum.at(nearest, index, z)
        nearer = nearest < depth
        depth[nearer], front[nearer] = nearest[nearer], number
    return front.reshape(n, n), depth.reshape(n, n)


def compare(found: truth.Truth, meshes: list[tuple[Any, Any]]) -> list[dict[str, float]]:
    """Of each object of at least 30 pixels: overlap, area ratio, box and depth error."""
    front, depth = projected(meshes, found.camera)
    cells = front.reshape(PX, FINE, PX, FINE).transpose(0, 2, 1, 3).reshape(PX, PX, -1)
    deep = depth.reshape(PX, FINE, PX, FINE).transpose(0, 2, 1, 3).reshape(PX, PX, -1)
    rows = []
    for number in range(1, len(meshes) + 1):
        expected, ours = (cells == number).mean(-1) >= 0.5, found.mask == number
        if min(expected.sum(), ours.sum()) < 30:
            continue
        both = expected & ours & ((cells == number).mean(-1) == 1)
        ys, xs = np.nonzero(expected)
        edges = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
        box = found.boxes[number - 1]
        assert box is not None
        rows.append(
            {
                "overlap": (expected & ours).sum() / (expected | ours).sum(),
                "area": ours.sum() / expected.sum(),
                "box": float(np.abs(np.array(box) - edges).max()),
                "depth": float(np.median(np.abs(found.depth[both] - deep[both].mean(-1)))) if both.any() else 0.0,
            }
        )
    return rows


def sides(found: truth.Truth, meshes: list[tuple[Any, Any]]) -> set[str]:
    """Relations of the first object to the second, from the meshes' own extents."""
    rt, k = found.camera["extrinsics"], found.camera["intrinsics"]
    x, z, base = [], [], []
    for vertices, _ in meshes:
        local = vertices @ rt[:3, :3].T + rt[:3, 3]
        across = (local @ k.T)[:, 0] / local[:, 2]
        x.append((across.min() + across.max()) / 2 / PX)
        middle = (vertices.min(0) + vertices.max(0)) / 2
        z.append(float(rt[2, :3] @ middle + rt[2, 3]))
        base.append(float(vertices[:, 2].min()))
    said = {
        "to the left of": x[1] - x[0] - truth.APART,
        "to the right of": x[0] - x[1] - truth.APART,
        "in front of": z[1] - z[0] - truth.DEEPER,
        "behind": z[0] - z[1] - truth.DEEPER,
        "above": base[0] - base[1] - truth.HIGHER,
        "below": base[1] - base[0] - truth.HIGHER,
    }
    return {word for word, margin in said.items() if margin > 0.01}


@pytest.mark.slow
def test_random_scenes_are_what_the_table_says(studio: Studio, tmp_path: Path) -> None:
    palette, measured, seen = Palette(), [], 0
    for planned in scenes(PICTURES):
        asked = shot(planned.factors, planned.seed, palette, px=PX, samples=16, passes=["mesh"])
        studio.render(asked, tmp_path / "p.npz")
        found = truth.read(tmp_path / "p.npz")
        with np.load(tmp_path / "p.npz") as file:
            meshes = [(file[f"mesh{k}.vertices"], file[f"mesh{k}.faces"]) for k in range(2)]
        measured += compare(found, meshes)
        if min(found.areas) > 0:
            seen += 1
            said = {word for a, word, b in truth.relations(found) if (a, b) == (0, 1)}
            assert sides(found, meshes) <= said
            actors = cast(planned.factors, planned.seed, palette)
            told = row(planned, planned.factors, actors, found, palette)
            facts = parse(told["caption"], palette)
            assert [thing.name for thing in facts.things] == [planned.factors["object"], planned.factors["object2"]]
            assert not facts.relation or facts.relation in said
            for negative in told["negatives"]:
                wrong = parse(negative["caption"], palette)
                if negative["kind"] == "position":
                    assert wrong.relation
                    assert wrong.relation not in said
    values = {name: np.array([one[name] for one in measured]) for name in measured[0]}
    summary = {name: [round(float(v), 3) for v in np.quantile(x, [0.05, 0.5, 0.95])] for name, x in values.items()}
    sys.stdout.write(
        f"{PICTURES} pictures, {seen} with both objects in sight, {len(measured)} objects; 5, 50, 95 %: {summary}\n"
    )
    assert np.median(values["overlap"]) > 0.93
    assert abs(np.median(values["area"]) - 1) < 0.05
    assert np.median(values["box"]) <= 1
    assert np.median(values["depth"]) < 0.03
