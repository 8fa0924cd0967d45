"""The flags of ``foveate convert``. Imports nothing heavy: ``--help`` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import tyro

from foveate.core.options import EngineName, Options


@dataclass(frozen=True, kw_only=True)
class Convert(Options):
    """Turn a checkpoint of tensors into safetensors that every verb reads.

    Knows the layouts of DINO, MAE, I-JEPA, MoCo v3, BYOL, solo-learn, lightly, timm and torchvision, and takes the part
    that fits the architecture. Nothing but tensors is read from the file: code in it is refused.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local",)

    file: tyro.conf.Positional[str]
    """The checkpoint: .pth, .pt, .ckpt, .bin, .tar or .safetensors."""
    architecture: Annotated[str | None, tyro.conf.arg(name="as")] = None
    """Its architecture, e.g. timm:vit_small_patch16_224. Default: found among the usual ones by the shapes."""
    part: str | None = None
    """Which network inside, where there are several, e.g. student. Default: the one meant for use, e.g. teacher."""
    out: str | None = None
    """The folder to write. Default: the file's name without its suffixes, in the current folder."""
