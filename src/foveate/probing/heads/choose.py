"""Which of many heads reads best: chosen on held-out training rows, then trained anew on all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float

from foveate.core import stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.probing.heads.bank import Bank, batch_for
from foveate.probing.readouts import Answers, Rows
from foveate.probing.rows import hold_out

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

Parts = Mapping[str, Float[np.ndarray, "n d"]]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a head reads: the network's own ``pooled`` output, or ``cls``, ``mean`` or ``concat`` of the last ``last`` blocks (or stages)."""

    pooling: str
    last: int
    taps: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.pooling}, last {self.last}" if self.last > 1 else self.pooling


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One head on the held-out rows; ``loss`` is its mean cross-entropy, infinite where it diverged."""

    reading: Reading
    rate: float
    accuracy: Estimate
    loss: float


def readings(encoder: Encoder, lasts: Sequence[int]) -> tuple[list[Reading], list[tuple[int, str]]]:
    """Everything that heads can read of an encoder, and (last, reason) of what it has not.

    The last block is read after the transformer's final norm, where there is one; earlier ones as they leave the block.

    Raises:
        FoveateError: the encoder has no blocks or stages to read.
    """
    places = encoder.anatomy.places
    levels = [name for name in encoder.taps() if name.count(".") == 1 and name.split(".")[0] in ("blocks", "stages")]
    if not levels:
        raise FoveateError(f"{encoder.address} has no blocks or stages to read.", "use --task classify")
    if "norm" in places:
        levels[-1] = "norm"
    has_cls = all(places[name].cls for name in levels)
    found, skipped = [Reading(pooling="pooled", last=1, taps=("pooled",))], []
    for last in sorted(set(lasts)):
        if last > len(levels):
            skipped.append((last, f"the encoder has {len(levels)} blocks or stages"))
            continue
        used = levels[-last:]
        kinds = {"cls": ("cls",), "mean": ("mean",), "concat": ("cls", "mean")} if has_cls else {"mean": ("mean",)}
        found += [
            Reading(pooling=kind, last=last, taps=tuple(f"{name}:{readout}" for name in used for readout in readouts))
            for kind, readouts in kinds.items()
        ]
    if len(found) == 1:
        raise FoveateError(f"--last {min(lasts)}, but {skipped[0][1]}.", "use e.g. --last 1")
    return found, skipped


def choose(
    parts: Parts, rows: Rows, options: Sequence[Reading], rates: Sequence[float], *, epochs: int, device: torch.device
) -> list[Tried]:
    """Train all heads on four fifths of the training rows and score them on the rest: best first.

    Raises:
        FoveateError: no row can be held out, or every head diverged.
    """
    fit, held = hold_out(rows.train, seed=rows.seed)
    if not len(held):
        raise FoveateError(
            "no training row can be spared to choose a head on.", "give at least 3 training images of a class"
        )
    bank = Bank(
        {option.name: option.taps for option in options},
        {name: part[fit] for name, part in parts.items()},
        rows.train[fit],
        rows.classes,
        rates,
        epochs=epochs,
        batch=batch_for(len(fit)),
        seed=rows.seed,
        device=device,
    )
    truth = torch.from_numpy(rows.train[held])
    named = {option.name: option for option in options}
    tried = []
    for name, scores in bank.scores({name: part[held] for name, part in parts.items()}):
        for rate, each in zip(rates, scores, strict=True):
            finite = bool(torch.isfinite(each).all())
            right = int((each.argmax(1) == truth).sum()) if finite else 0
            loss = float(torch.nn.functional.nll_loss(each, truth)) if finite else math.inf
            tried.append(Tried(reading=named[name], rate=rate, accuracy=stats.wilson(right, len(held)), loss=loss))
    if not any(math.isfinite(each.loss) for each in tried):
        raise FoveateError("every head diverged.", f"give lower --rates, e.g. {min(rates) / 100:g}")
    return sorted(tried, key=lambda each: (-each.accuracy.value, each.loss))


def answer(parts: Parts, test: Parts, rows: Rows, best: Tried, *, epochs: int, device: torch.device) -> Answers:
    """The chosen head, trained on all training rows, on the test rows."""
    name = best.reading.name
    bank = Bank(
        {name: best.reading.taps},
        parts,
        rows.train,
        rows.classes,
        (best.rate,),
        epochs=epochs,
        batch=batch_for(len(rows.train)),
        seed=rows.seed,
        device=device,
    )
    ((_, scores),) = bank.scores(test)
    probabilities = scores[0].exp().nan_to_num().numpy()
    predicted = probabilities.argmax(1)
    return Answers(
        predicted=predicted,
        confidence=probabilities.max(1),
        right=predicted == rows.test,
        setting=f"{name}, rate {best.rate:g}",
    )
