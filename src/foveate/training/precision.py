"""How to compute: in bfloat16 where it is faster and its gradients are what they should be, channels last where that is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn

from foveate.core import console
from foveate.engine.local import bf16_wins

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


def use_bf16(
    encoder: Encoder, device: torch.device, sizes: Iterable[int], asked: Literal["auto", "bf16", "fp32"] = "auto"
) -> bool:
    """Whether to train under autocast in bfloat16.

    Args:
        encoder: on its device. sizes: sides of the views that it will see, px.
    """
    if asked == "fp32" or (asked == "auto" and not (bf16_wins(device) and _gains(encoder.module, device))):
        return False
    if device.type == "cpu" and (names := undefined_gradients(encoder, sizes)):
        console.warn(
            f"fp32 is used: {names[0]} sees maps of 1 × 1, where torch leaves gradients in bf16 undefined (larger views avoid it)"
        )
        return False
    return True


def _gains(module: nn.Module, device: torch.device) -> bool:
    """Whether bf16 is faster for this network: on a CPU not for depthwise convolutions (MobileNetV2: .6 times as fast, docs/log.md)."""
    depthwise = any(isinstance(part, nn.Conv2d) and part.groups > 1 for part in module.modules())
    return device.type != "cpu" or not depthwise


def undefined_gradients(encoder: Encoder, sizes: Iterable[int]) -> list[str]:
    """Convolutions whose bf16 weight gradient torch 2.15 leaves unwritten on a CPU, where no pixel meets a kernel's border.

    Measured: on maps of 1 × 1 those of 3 × 3 with a stride, and larger ones; not 3 × 3 without a stride
    (``tests/training/test_precision.py``).
    """
    found: list[str] = []
    handles = []
    for name, module in encoder.module.named_modules():
        if isinstance(module, nn.Conv2d) and max(module.kernel_size) + 2 * (max(module.stride) > 1) > 3:

            def note(_: nn.Module, inputs: tuple[Any, ...], name: str = name) -> None:
                if inputs[0].shape[-2:] == (1, 1):
                    found.append(name)

            handles.append(module.register_forward_pre_hook(note))
    weight = next(encoder.module.parameters())
    try:
        with torch.no_grad():
            for side in sorted(set(sizes)):
                encoder.pooled(torch.zeros(2, 3, side, side, dtype=weight.dtype, device=weight.device))
    finally:
        for handle in handles:
            handle.remove()
    return found


def channels_last_wins(module: nn.Module, device: torch.device) -> bool:
    """Whether images and weights had better lie with channels last: for convolutional networks, but on MPS."""
    return sum(isinstance(part, nn.Conv2d) for part in module.modules()) > 1 and device.type != "mps"
