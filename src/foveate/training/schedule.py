"""How a quantity moves through a run: warm-up and cosine."""

from __future__ import annotations

import math


def warmup_cosine(step: int, steps: int, warmup: int, *, peak: float, start: float = 0.0, end: float = 0.0) -> float:
    """Linear from ``start`` to ``peak`` over the first ``warmup`` steps, then half a cosine down to ``end``.

    Args:
        step: 0 … steps − 1; the value for the update that follows. The first is already above ``start``.
        steps: all updates of the run. warmup: of these, how many rise.
    """
    if step < warmup:
        return start + (peak - start) * (step + 1) / warmup
    return cosine(step - warmup, max(steps - warmup, 1), start=peak, end=end)


def cosine(step: int, steps: int, *, start: float, end: float) -> float:
    """Half a cosine from ``start`` (at step 0) to ``end`` (at step ``steps``), flat afterwards."""
    share = min(step / steps, 1.0) if steps > 0 else 1.0
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))
