"""Every object of the catalogue: what the worker and the captions rely on."""

from __future__ import annotations

import ast
import hashlib
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from foveate.rendering.catalogue import MATERIALS, OBJECTS
from foveate.rendering.scene import Asset, Kind
from tests.rendering.materials import BLENDER, surfaces
from tests.rendering.shapes import shells, spread, strands, volume


@pytest.fixture(scope="module", params=list(OBJECTS))  # one object's tests follow each other and share what they build
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@lru_cache(maxsize=4)
def built(name: str, seed: int) -> Asset:
    return _built(name, seed)


def _built(name: str, seed: int) -> Asset:
    return OBJECTS.load(name).build(np.random.default_rng(seed))


def test_kind(name: str) -> None:
    kind: Kind = OBJECTS.load(name)
    assert kind.phrase.split()[0] == ("an" if kind.phrase.split()[1][0] in "aeiou" else "a")
    assert kind.group in {"animal", "furniture", "vessel", "vehicle", "food", "tool", "other"}
    assert all(0 <= index < 1000 for index in kind.imagenet)
    assert len(set(kind.imagenet)) == len(kind.imagenet)


def test_the_page_says_what_looks_made() -> None:
    page = (Path(__file__).parents[3] / "docs" / "render.md").read_text()
    listed = page.partition("rather than photographed: ")[2].partition(".\n")[0].split(", ")
    assert listed == sorted(name for name in OBJECTS if OBJECTS.load(name).stylised)


def test_arrays_are_sound(name: str) -> None:
    asset = built(name, 0)
    for part in asset.parts:
        n = len(part.mesh.vertices)
        assert part.mesh.vertices.shape == (n, 3)
        assert np.isfinite(part.mesh.vertices).all()
        assert part.mesh.faces.min() >= 0
        assert part.mesh.faces.max() < n
        colour = np.asarray(part.colour, float)
        assert colour.shape in {(3,), (n, 3)}
        assert ((colour >= 0) & (colour <= 1)).all()
        assert part.scale > 0
    for hair in asset.hair:
        assert np.isfinite(hair.curves).all()
        assert hair.colours.shape == (len(hair.curves), 3)
        assert ((hair.colours >= 0) & (hair.colours <= 1)).all()


def test_its_materials_exist(name: str) -> None:
    asset = built(name, 1)
    assert {part.material for part in asset.parts} <= surfaces()
    assert any(not part.keep for part in asset.parts), "nothing would take a design's material"


def test_it_is_light_enough(name: str) -> None:
    for seed in (0, 1):
        asset = built(name, seed)
        assert sum(len(part.mesh.faces) for part in asset.parts) <= 150_000
        assert strands(asset) <= 15_000


def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    digests = []
    for asset in (built(name, 1), _built(name, 1)):
        seen = hashlib.blake2b()
        for part in asset.parts:
            for array in (part.mesh.vertices, part.mesh.faces, np.asarray(part.colour, np.float32)):
                seen.update(np.ascontiguousarray(array).tobytes())
        for hair in asset.hair:
            seen.update(hair.curves.tobytes() + hair.colours.tobytes())
        digests.append(seen.hexdigest())
    assert digests[0] == digests[1]


def test_two_individuals_differ_in_shape(name: str) -> None:
    """Not one mesh tinted twice: their surfaces are spread otherwise by at least 3 mm on a metre."""
    assert np.abs(spread(built(name, 0)) - spread(built(name, 1))).max() > 0.003


def test_closed_surfaces_look_outwards(name: str) -> None:
    for number, part in enumerate(built(name, 0).parts):
        size = float(np.ptp(part.mesh.vertices, axis=0).max())
        for shell in shells(part.mesh):
            assert volume(shell) > -1e-8 * size**3, f"part {number} ({part.material})"


def test_every_material_of_a_design_exists() -> None:
    assert set(MATERIALS) - {"own"} <= surfaces()


def test_the_colours_of_materials_are_those_of_designs() -> None:
    tree = ast.parse((BLENDER / "materials" / "__init__.py").read_text())
    values = {
        n.targets[0].id: n.value for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
    }
    assert set(ast.literal_eval(values["OWN_COLOUR"])) == set(MATERIALS) - {"own"}
