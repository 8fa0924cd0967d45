"""The flags of ``foveate report``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import tyro

from foveate.core.options import EngineName, Options


@dataclass(frozen=True, kw_only=True)
class ReportConfig(Options):
    """Join the reports of several runs and show what differs.

    Each run is a folder that a verb wrote, or the report.json in one. Runs of different verbs may be joined.
    """

    engines: ClassVar[tuple[EngineName, ...]] = ("local",)

    runs: tyro.conf.Positional[tuple[str, ...]]
    """Run folders, or report.json files."""
