"""Small encoders on disk in each format that ``local-dir:`` reads; made at random, so that no network is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file


@pytest.fixture
def timm_folder(tmp_path: Path) -> Callable[..., Path]:
    """``timm_folder("test_vit", dtype=…, **model_args)`` → a folder as timm writes it."""

    def make(
        name: str = "test_vit", *, folder: str = "encoder", dtype: torch.dtype = torch.float32, **args: Any
    ) -> Path:
        import timm

        torch.manual_seed(0)
        model = timm.create_model(name, **args)
        path = tmp_path / folder
        path.mkdir()
        state = {
            key: value.to(dtype) if value.is_floating_point() else value for key, value in model.state_dict().items()
        }
        save_file({key: value.contiguous() for key, value in state.items()}, path / "model.safetensors")
        config = dict(model.pretrained_cfg)
        kept = (
            "input_size",
            "fixed_input_size",
            "interpolation",
            "crop_pct",
            "mean",
            "std",
            "num_classes",
            "classifier",
            "first_conv",
        )
        record = {
            "architecture": name,
            "num_classes": model.num_classes,
            "model_args": {key: value for key, value in args.items() if key != "num_classes"},
            "pretrained_cfg": {key: config.get(key) for key in kept} | {"num_classes": model.num_classes},
        }
        (path / "config.json").write_text(json.dumps(record))
        return path

    return make


@pytest.fixture
def noise() -> Callable[..., torch.Tensor]:
    """``noise(count, h, w)``: images as preprocessed ones look."""

    def make(count: int = 2, height: int = 32, width: int | None = None) -> torch.Tensor:
        return torch.randn(count, 3, height, width or height, generator=torch.Generator().manual_seed(count + height))

    return make
