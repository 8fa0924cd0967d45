"""Blender for the tests that render: set up once for all sessions of this machine, in the user's own cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.rendering.client import Studio
from foveate.rendering.install import interpreter

_CACHE = os.environ.get("FOVEATE_CACHE")


@pytest.fixture(scope="session")
def blender() -> str:
    """The path of a Python that can run the worker; the tests' own cache folder would download it anew each time."""
    here = os.environ.get("FOVEATE_CACHE")
    try:
        if _CACHE is None:
            os.environ.pop("FOVEATE_CACHE", None)
        else:
            os.environ["FOVEATE_CACHE"] = _CACHE
        return str(interpreter(os.environ.get("FOVEATE_BLENDER_PYTHON")))
    except FoveateError as error:
        pytest.skip(f"no Blender here: {error}")
    finally:
        if here is not None:
            os.environ["FOVEATE_CACHE"] = here


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
