"""The flags of ``foveate doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import tyro

from foveate.core.options import EngineName, Options


@dataclass(frozen=True, kw_only=True)
class Doctor(Options):
    """This machine, what is installed, the cache, and the command that mends what is missing."""

    engines: ClassVar[tuple[EngineName, ...]] = ("local",)

    clear_cache: Annotated[
        tuple[Literal["features", "pixels", "all"], ...] | None, tyro.conf.arg(metavar="[{features,pixels,all} …]")
    ] = None
    """Remove stored features (and digests), decoded pixels, or all (the default) that foveate can compute again."""
