"""Light comes from where it is said to."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from foveate.rendering import truth
from foveate.rendering.client import Studio
from foveate.rendering.factors import DEFAULTS
from foveate.rendering.palette import Palette
from foveate.rendering.shots import shot


def test_the_sky_is_bright_where_the_sun_stands(studio: Studio, tmp_path: Path) -> None:
    """Over bare ground, with a low sun ahead to the left, ahead to the right, ahead and behind."""
    palette = Palette()

    def above(azimuth: float) -> np.ndarray:
        asked = shot(DEFAULTS | {"world": "plain", "light_azimuth": azimuth}, 0, palette, px=64, samples=1, passes=[])
        asked["light"] |= {"elevation": 9.0, "clouds": 0.0}
        asked["camera"] |= {"pitch": 2.0, "fov": 60.0}
        studio.render(asked, tmp_path / "sky.npz")
        return np.asarray(truth.read(tmp_path / "sky.npz").image[:16].astype(float).mean((0, 2)))

    left, right = above(-120), above(120)  # degrees to the right from behind the camera
    assert left[:16].mean() > left[-16:].mean() + 5
    assert right[-16:].mean() > right[:16].mean() + 5
    assert above(180).mean() > above(0).mean() + 5
