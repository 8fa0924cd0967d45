from __future__ import annotations

import pytest
import torch

from foveate.encoders.load import load
from foveate.engine.local import bf16_wins
from foveate.training.precision import undefined_gradients, use_bf16

CPU = torch.device("cpu")


def test_only_a_kernel_that_is_larger_than_its_map_of_one_pixel_is_in_doubt() -> None:
    encoder = load("random:test_resnet", image_size=16)
    assert undefined_gradients(encoder, [16]) == ["layer4.0.conv1"]
    assert undefined_gradients(encoder, [64]) == []
    assert undefined_gradients(encoder, [64, 16]) == ["layer4.0.conv1"]
    assert undefined_gradients(load("foveate:resnet9"), [32, 16]) == []
    assert undefined_gradients(load("foveate:vit-mini"), [32]) == []
    assert not any(module._forward_pre_hooks for module in encoder.module.modules())


def written(address: str, size: int, bf16: bool) -> bool:
    """Whether every gradient is written: memory is filled with NaN first, which shows what is not."""
    encoder = load(address, image_size=size)
    for _ in range(10):
        encoder.module.zero_grad()
        junk = [torch.full((1000, 257), float("nan")) for _ in range(10)]
        del junk
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = encoder.pooled(torch.randn(16, 3, size, size)).float().square().mean()
        loss.backward()
        if not all(bool(torch.isfinite(p.grad).all()) for p in encoder.module.parameters() if p.grad is not None):
            return False
    return True


def test_the_gradients_that_are_used_are_written() -> None:
    assert not use_bf16(load("random:test_resnet", image_size=16), CPU, [16], "bf16")
    assert written("random:test_resnet", 16, False)
    assert use_bf16(load("foveate:resnet9", image_size=16), CPU, [16], "bf16")
    assert written("foveate:resnet9", 16, True), "3 × 3 without a stride on a map of one pixel"


@pytest.mark.parametrize("asked", ["auto", "bf16", "fp32"])
def test_what_is_asked_goes_before_what_is_faster(asked: str) -> None:
    encoder = load("foveate:resnet9")
    expected = {"auto": bf16_wins(CPU), "bf16": True, "fp32": False}[asked]
    assert use_bf16(encoder, CPU, [32], asked) == expected  # type: ignore[arg-type]


def test_depthwise_convolutions_are_not_slowed_down_unless_asked() -> None:
    encoder = load("random:mobilenetv2_050", image_size=64)
    assert not use_bf16(encoder, CPU, [64])
    assert use_bf16(encoder, CPU, [64], "bf16")
    assert use_bf16(load("foveate:resnet9"), CPU, [32]) == bf16_wins(CPU)
