"""The flags of ``foveate study``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import tyro

from foveate.core.options import EngineName, Options

Scale = Literal["smoke", "laptop", "overnight", "gpu", "paper"]


@dataclass(frozen=True, kw_only=True)
class StudyConfig(Options):
    """Re-run a published claim and answer: reproduced, not reproduced or inconclusive.

    Without NAME, list the studies.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local",)

    name: tyro.conf.Positional[str] = ""
    """Which study; nothing lists them."""
    scale: Scale = "laptop"
    """smoke: seconds. laptop: at most 20 minutes on 2 cores. overnight: at most 8 hours on 2 cores. gpu: at most 20
    minutes on one datacentre GPU. paper: the published setting."""
    plan: bool = False
    """Print conditions × seeds × time and the detectable effect, and run nothing."""
