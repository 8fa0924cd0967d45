"""The flags of ``foveate report``."""

from __future__ import annotations

from dataclasses import dataclass

import tyro

from foveate.core.options import Options


@dataclass(frozen=True, kw_only=True)
class ReportConfig(Options):
    """Join the reports of several runs and show what differs.

    Each run is a folder that a verb wrote, or the report.json in one. Runs of different verbs may be joined.
    """

    runs: tyro.conf.Positional[tuple[str, ...]]
    """Run folders, or report.json files."""
