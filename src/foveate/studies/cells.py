"""What studies are put together from: measurements of a cell, and how a claim reads the cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from foveate.core.estimate import Estimate
from foveate.studies.study import Values


def gain_over_untrained(encoder: str, data: str, seed: int, folder: str, test: str | None = None) -> Values:
    """By kNN: how much an encoder beats its untrained twin, and shuffled labels beat chance (a control that must be 0)."""
    from foveate.probing import verb as probing
    from foveate.probing.config import Probe

    out = str(Path(folder) / "probe")
    report = probing.run(Probe(encoder=encoder, data=data, test=test, shots=(), seed=seed, out=out))
    finding = next(finding for finding in report.findings if finding.id == "gain-knn")
    assert finding.control is not None
    values = {"gain": finding.value, "low": finding.low, "high": finding.high, "images": finding.n}
    values |= {"excess": finding.control.value, "excess_low": finding.control.low, "excess_high": finding.control.high}
    return {name: float(value if value is not None else "nan") for name, value in values.items()}


def column(name: str, *, less: float = 0.0) -> Callable[[Sequence[Values]], list[float]]:
    """Per seed: one value, less a constant."""
    return lambda rows: [row[name] - less for row in rows]


def interval(value: str, low: str, high: str, n: str) -> Callable[[Sequence[Values]], Estimate]:
    """Over images: the interval that the one cell measured."""
    return lambda rows: Estimate(rows[0][value], rows[0][low], rows[0][high], int(rows[0][n]))


def trained(gain: str, *, least: float = 0.05) -> Callable[[Sequence[Values]], bool]:
    """Whether the encoders of a claim beat their untrained twins, on average over seeds; else they are undertrained."""
    return lambda rows: sum(row[gain] for row in rows) / len(rows) >= least
