"""This machine: which device, at what precision."""

from __future__ import annotations

import torch

from foveate.core.errors import FoveateError


def resolve_device(name: str) -> torch.device:
    """``auto`` → the first accelerator, else the CPU; anything else is checked to exist.

    Raises:
        FoveateError: a device that torch does not know or that this machine lacks.
    """
    if name == "auto":
        accelerator = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
        return accelerator or torch.device("cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise FoveateError(f"unknown device '{name}'.", "use auto, cpu, cuda, cuda:N or mps") from None
    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise FoveateError(
            f"this machine has no usable device '{name}'.", "use --device auto (foveate doctor lists the devices)"
        ) from None
    return device


def bf16_wins(device: torch.device) -> bool:
    """Whether matrix work in bfloat16 is faster than in float32 there: GPUs since Ampere, CPUs with AMX or AVX-512 BF16."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())
    return False
