from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import foveate
from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.sizes import check_sizes, growth_of, patch_of
from tests.pretraining.objectives.conftest import batch_of, build


def test_steps_are_patches_or_an_eighth() -> None:
    assert patch_of(load("foveate:vit-mini")) == 4
    assert patch_of(load("foveate:resnet9")) is None
    growth = growth_of(build("simclr", {}), 0.5)
    assert growth is not None
    assert growth.unit == 4
    assert growth_of(build("simclr", {}), None) is None


def test_sizes_that_an_encoder_cannot_take_are_refused() -> None:
    check_sizes(load("foveate:vit-mini"), [16, 32])
    with pytest.raises(FoveateError, match="18 px") as caught:
        check_sizes(load("foveate:vit-mini"), [18])
    assert "patch of 4" in caught.value.remedy


def run(out: Path, **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "encoder": "foveate:resnet18-narrow", "image_size": 16,
        "test": "builtin:digits@test[0:20]", "batch": 16, "epochs": 2, "set": ("projector=16,8",), "device": "cpu", "precision": "fp32", **changes,
    }  # fmt: skip
    return foveate.pretrain("builtin:digits[0:80]", out=str(out), **settings)


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "checkpoints/epoch-0002/model.safetensors")


def test_a_grown_and_recomputed_run_resumes_bit_for_bit(tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    run(cut, progressive=0.5, checkpointing=True, keep=1)
    first = weights(cut)
    shutil.rmtree(cut / "checkpoints/epoch-0002")
    (cut / "report.json").unlink()
    run(cut, progressive=0.5, checkpointing=True, keep=1, resume=True)
    assert all(torch.equal(value, first[name]) for name, value in weights(cut).items())
    with pytest.raises(FoveateError, match="progressive"):
        run(cut, progressive=0.75, checkpointing=True, keep=1, resume=True)


@pytest.mark.parametrize("name", OBJECTIVES.names())
def test_what_foretells_a_grid_says_so(name: str) -> None:
    """Smaller views either give a loss, or are refused before a run begins."""
    objective = build(name, {})
    if not objective.any_size:
        with pytest.raises(FoveateError, match="fixed size"):
            growth_of(objective, 0.5)
        return
    growth = growth_of(objective, 0.5)
    assert growth is not None
    views = replace(growth, steps=10).views(objective.views(), 0)
    assert views[0].size == 8
    batch = batch_of(objective)
    small = replace(batch, views=[x[..., : view.size, : view.size] for x, view in zip(batch.views, views, strict=True)])
    assert torch.isfinite(objective.loss(small).loss)
