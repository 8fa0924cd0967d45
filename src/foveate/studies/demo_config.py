"""The flags of ``foveate demo``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import tyro

from foveate.core.options import EngineName, Options


@dataclass(frozen=True, kw_only=True)
class Demo(Options):
    """The whole journey on built-in images: pretrain, probe, compare, audit, one report (minutes on a laptop).

    An interrupted demo goes on where it stopped; a finished one is shown again.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local",)

    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = "runs/demo"
    """Run folder; each step has a folder of its own in it."""
    epochs: int = 30
    """Epochs of self-supervision for each of the two encoders."""
    data: str = "builtin:digits"
    """What to travel with: labelled images that have a test split."""
