"""Which rows are used for what: held-out training rows for choices, a few rows a class for the low-shot probe."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int

from foveate.core.seeds import numpy_stream


def hold_out(
    labels: Int[np.ndarray, " n"], *, seed: int, share: float = 0.2
) -> tuple[Int[np.ndarray, " f"], Int[np.ndarray, " v"]]:
    """Split training rows into rows to fit on and rows to choose on, class by class.

    A class keeps at least one row to fit on; one with a single row gives none to choose on.

    Returns:
        Two sorted arrays of positions, together all of ``labels``.
    """
    random = numpy_stream(seed, "probe", "held-out")
    chosen = []
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        chosen.append(rows[: min(round(share * len(rows)), len(rows) - 1)])
    held = np.sort(np.concatenate(chosen))
    return np.setdiff1d(np.arange(len(labels)), held), held


def draw_shots(labels: Int[np.ndarray, " n"], shots: int, random: np.random.Generator) -> Int[np.ndarray, " c*s"]:
    """Positions of ``shots`` rows of every class that stands in ``labels``, drawn without replacement."""
    return np.concatenate(
        [random.choice(np.flatnonzero(labels == label), shots, replace=False) for label in np.unique(labels)]
    )


def draw_share(labels: Int[np.ndarray, " n"], share: float, random: np.random.Generator) -> Int[np.ndarray, " k"]:
    """Positions of ``share`` of the rows of every class, rounded but at least one, drawn without replacement."""
    chosen = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        chosen.append(random.choice(rows, max(1, round(share * len(rows))), replace=False))
    return np.concatenate(chosen)


def smallest_class(labels: Int[np.ndarray, " n"]) -> int:
    """How many rows the rarest class has."""
    return int(np.unique(labels, return_counts=True)[1].min())
