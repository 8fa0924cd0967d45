"""What the tests that render share: a Blender process, and the plainest world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from foveate.rendering.client import Studio


@pytest.fixture(scope="module")
def studio(blender: str) -> Iterator[Studio]:
    """A Blender process that a module's tests share."""
    with Studio(blender) as running:
        yield running


@pytest.fixture
def plain(tmp_path: Path) -> str:
    """A world of nothing but a grey floor and light from everywhere: the file that the worker reads."""
    from foveate.rendering import assets
    from foveate.rendering.modelling.profiles import sheet
    from foveate.rendering.scene import Part, World

    floor = Part(mesh=sheet(40, 40), colour=(0.5, 0.5, 0.5))
    return str(assets.write(World(parts=(floor,), sky=None, fill=1.0), tmp_path / "plain.npz"))
