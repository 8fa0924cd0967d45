"""Fixtures that any test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# One thread a worker: two workers on two cores, and results that do not depend on how many there are.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test computes its own features: none may pass because another filled the cache."""
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data, or a skip that says how to get one."""
    root = os.environ.get("FOVEATE_REAL_DATA")
    if not root:
        pytest.skip("FOVEATE_REAL_DATA is not set: real images and encoders are needed")
    return Path(root)


_CACHE = os.environ.get("FOVEATE_CACHE")  # before any test gets a folder of its own


@pytest.fixture(scope="session")
def blender() -> str:
    """The path of a Python that can run the worker; the tests' own cache folder would download it anew each time."""
    from foveate.core.errors import FoveateError
    from foveate.rendering.install import interpreter

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
