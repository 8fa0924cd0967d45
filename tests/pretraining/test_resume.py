"""A run of each family that is interrupted within an epoch leaves, once resumed, what an uninterrupted one leaves, bit for bit.

What each keeps beside its weights: a queue (moco), a centre and crops (dino), prototypes that are frozen at first (swav), a teacher
that sees other patches (ijepa); and what labels train (supervised). BEiT's codebook is one more buffer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import foveate
from foveate.core.run import read_log
from foveate.training.feed import ViewFeed
from foveate.training.stop import Stopped

CLOCKS = {"time", "images_per_second", "seconds", "seconds_left"}
KNOBS = {
    "moco": ("queue=32", "projector=16,8"),
    "dino": ("crops=1", "crop_size=8", "projector=16,8", "prototypes=12"),
    "swav": ("prototypes=12", "projector=16,8", "frozen=0.5"),
    "ijepa": ("decoder_width=16", "decoder_depth=1"),
    "supervised": (),
}


def run(name: str, out: Path, **changes: Any) -> Any:
    masked = name == "ijepa"
    return foveate.pretrain(
        "builtin:digits[0:80]", test="builtin:digits@test[0:20]", objective=name, set=KNOBS[name], batch=16, epochs=2, image_size=16,
        encoder="foveate:vit-mini" if masked else "foveate:resnet18-narrow",
        encoder_set=("patch_size=2", "global_pool=avg") if masked else (),
        device="cpu", precision="fp32", out=str(out), **changes,
    )  # fmt: skip


def left(out: Path) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """All weights' bytes, and the log without clocks and the story of the interruption."""
    weights = {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*.safetensors"))}
    log = [{k: v for k, v in line.items() if k not in CLOCKS} for line in read_log(out)]
    return weights, [line for line in log if line["event"] in ("epoch", "step")]


@pytest.mark.parametrize("name", KNOBS)
def test_bit_for_bit(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(name, tmp_path / "whole")
    make, made = ViewFeed.make, 0

    def interrupted(self: ViewFeed, *args: Any) -> Any:
        nonlocal made
        made += 1
        if made == 7:  # the third step of the second epoch of four
            raise KeyboardInterrupt
        return make(self, *args)

    monkeypatch.setattr(ViewFeed, "make", interrupted)
    with pytest.raises((KeyboardInterrupt, Stopped)):
        run(name, tmp_path / "cut", checkpoint_minutes=1e-9)
    monkeypatch.setattr(ViewFeed, "make", make)
    assert not (tmp_path / "cut/report.json").exists()
    run(name, tmp_path / "cut", checkpoint_minutes=1e-9, resume=True)
    whole, cut = left(tmp_path / "whole"), left(tmp_path / "cut")
    assert whole[0].keys() == cut[0].keys()
    assert len(whole[0]) == 2
    assert [path for path in whole[0] if whole[0][path] != cut[0][path]] == []
    assert whole[1] == cut[1]
