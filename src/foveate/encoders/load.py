"""From an address to an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from foveate.core.address import parse
from foveate.core.errors import FoveateError
from foveate.encoders.architecture import Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.registry import SCHEMES

BUILT = ("foveate", "timm", "random", "run")
"""Schemes whose networks are built by name, and so take arguments."""


def load(
    address: str,
    *,
    device: torch.device | str = "cpu",
    seed: int = 0,
    trust_code: bool = False,
    image_size: int | tuple[int, int] | None = None,
    args: Mapping[str, Any] | None = None,
) -> Encoder:
    """Load an encoder.

    Args:
        address: e.g. ``timm:resnet50.a1_in1k``, ``run:runs/simclr@12``, ``random:foveate:resnet9``.
        device: where its weights go.
        seed: of the weights of ``random:`` and ``foveate:``.
        trust_code: allow ``torchhub:``, which runs foreign code.
        image_size: pixels of a side, or (h, w), where it is not to be the encoder's own.
        args: arguments of the network's builder over its own, in timm's words, e.g. ``drop_path_rate``, ``patch_size``,
            ``global_pool``; for ``foveate:``, ``timm:``, ``random:`` and ``run:``.

    Raises:
        FoveateError: an unknown scheme or name (the nearest is named), weights that are missing, damaged, a pickle,
            not finite or of another architecture, or no network where one is needed.
    """
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    if size is not None and min(size) < 1:
        raise FoveateError(f"an image size of {size[0]}×{size[1]} is none.", "give a positive number of pixels")
    parsed = parse(address, SCHEMES)
    if args and parsed.scheme not in BUILT:
        raise FoveateError(
            f"{parsed.scheme}: encoders are as their files say, and take no {next(iter(args))}.",
            f"give arguments to {', '.join(f'{scheme}:' for scheme in BUILT)} encoders only",
        )
    encoder: Encoder = SCHEMES.load(parsed.scheme)(
        parsed.rest, Options(seed=seed, image_size=size, trust_code=trust_code, args=args or {})
    )
    return encoder.to(device)
