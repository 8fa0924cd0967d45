"""A real encoder on real frames (see the ORIGIN.txt of each)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foveate.probing.config import Probe
from foveate.probing.verb import run

pytestmark = [pytest.mark.real, pytest.mark.slow]


def test_mobilenet_follows_a_car(real_data: Path, tmp_path: Path) -> None:
    """The first frames of car-shadow, seen at 240 px: trained features follow it, untrained ones and its first mask do not."""
    for folder in ("JPEGImages", "Annotations"):
        target = tmp_path / "davis" / folder / "car-shadow"
        target.mkdir(parents=True)
        for file in sorted((real_data / "davis" / folder / "car-shadow").iterdir())[::3][:10]:
            (target / file.name).symlink_to(file)
    encoder = f"local-dir:{real_data}/encoders/mobilenetv2_100.coral_in1k"
    report = run(
        Probe(encoder=encoder, data=f"davis:{tmp_path}/davis", task="vos", frame_size=240, out=str(tmp_path / "run"))
    )
    value = {key: metric.value for key, metric in report.metrics.items()}
    assert value["vos.j"] > value["vos.j.untrained"] + 0.1
    assert value["vos.j"] > value["vos.j.copy"] + 0.1
    assert value["vos.jf"] < value["vos.jf.ceiling"]
    masks = sorted((tmp_path / "run" / "masks" / "car-shadow").iterdir())
    assert [mask.name for mask in masks][:3] == ["00000.png", "00003.png", "00006.png"]
    with Image.open(masks[-1]) as last:
        assert last.size == (854, 480)
        assert set(np.unique(last)) == {0, 1}
