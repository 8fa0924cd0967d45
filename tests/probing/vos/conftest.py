"""The squares and the encoders that look at them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foveate.encoders.registry import ARCHITECTURES, SCHEMES
from foveate.probing.config import Probe
from tests.probing.vos import squares


@pytest.fixture(autouse=True)
def _lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMES._targets, "lookup", "tests.probing.vos.squares:load")
    monkeypatch.setitem(ARCHITECTURES._targets, "lookup", "tests.probing.vos.squares:build")


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Probe]:
    """A configuration for the squares: three videos of one, two and three."""
    root = squares.write(tmp_path / "squares", {"one": 1, "two": 2, "three": 3})

    def make(**changes: Any) -> Probe:
        usual: dict[str, Any] = {
            "encoder": "lookup:colour",
            "data": f"davis:{root}",
            "task": "vos",
            "frame_size": squares.HEIGHT,
            "context": 3,
            "out": str(tmp_path / "run"),
        }
        return Probe(**usual | changes)

    return make
