"""The flags that every verb has, and how a verb's configuration is declared. Imports nothing heavy: ``--help`` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import tyro

from foveate.core.errors import FoveateError

EngineName = Literal["local", "torchrun", "ray"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What every verb takes. A verb's own configuration is a frozen dataclass that inherits from this one.

    Attributes:
        engines: where the verb can run; the default is that of verbs whose work is embedding.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local", "ray")
    out: Annotated[str | None, tyro.conf.arg(metavar="DIR")] = None
    """Run folder. Default: runs/VERB-TIME under the current folder."""
    seed: int = 0
    """The run's one seed; every random stream is derived from it by name."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps …"""
    engine: EngineName = "local"
    """Where the work runs: local, torchrun (pretrain), ray (bulk embedding)."""
    resume: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Go on with an interrupted run in --out; without anything to go on from, start anew there."""
    json: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    """Print report.json on stdout, and nothing else there."""

    def __post_init__(self) -> None:
        if self.engine not in self.engines:
            raise FoveateError(
                f"--engine {self.engine} does not fit this command.", f"use --engine {' or '.join(self.engines)}"
            )
