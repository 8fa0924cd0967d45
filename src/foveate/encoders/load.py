"""From an address to an encoder."""

from __future__ import annotations

import torch

from foveate.core.address import parse
from foveate.core.errors import FoveateError
from foveate.encoders.architecture import Options
from foveate.encoders.encoder import Encoder
from foveate.encoders.registry import SCHEMES


def load(
    address: str,
    *,
    device: torch.device | str = "cpu",
    seed: int = 0,
    trust_code: bool = False,
    image_size: int | tuple[int, int] | None = None,
) -> Encoder:
    """Load an encoder.

    Args:
        address: e.g. ``timm:resnet50.a1_in1k``, ``run:runs/simclr@12``, ``random:foveate:resnet9``.
        device: where its weights go.
        seed: of the weights of ``random:`` and ``foveate:``.
        trust_code: allow ``torchhub:``, which runs foreign code.
        image_size: pixels of a side, or (h, w), where it is not to be the encoder's own.

    Raises:
        FoveateError: an unknown scheme or name (the nearest is named), weights that are missing, damaged, a pickle,
            not finite or of another architecture, or no network where one is needed.
    """
    size = (image_size, image_size) if isinstance(image_size, int) else image_size
    if size is not None and min(size) < 1:
        raise FoveateError(f"an image size of {size[0]}×{size[1]} is none.", "give a positive number of pixels")
    parsed = parse(address, SCHEMES)
    encoder: Encoder = SCHEMES.load(parsed.scheme)(
        parsed.rest, Options(seed=seed, image_size=size, trust_code=trust_code)
    )
    return encoder.to(device)
