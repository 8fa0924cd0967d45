"""The measurements of the task ``heads``: the bank on the encoder, on its twin, on pixels, and with shuffled labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from foveate.core import console, stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.features.pixels import colours, small
from foveate.probing.heads.choose import Parts, Reading, Tried, answer, choose, readings
from foveate.probing.labelled import embedded, encoder_of, labelled_pair, rows_of, twin_of
from foveate.probing.readouts import Answers, Rows, TapFeatures, linear

if TYPE_CHECKING:
    import torch

    from foveate.data.load import Pair
    from foveate.encoders.encoder import Encoder
    from foveate.features.features import Features
    from foveate.probing.config import Probe

EPOCHS = 100
_DRAWS = 5


@dataclass(kw_only=True)
class Headed:
    """All that one such probe found.

    Attributes:
        tried: every head on the held-out training rows, best first. heads: the best one on the test rows.
        linear: logistic regression on the pooled output, as the task ``classify`` has it.
        controls: ``untrained`` (the same choice on the twin) and ``pixels``. shuffled: the best head's setting with permuted labels.
        skipped: (how many last blocks, why not).
    """

    config: Probe
    encoder: Encoder
    pair: Pair
    rows: Rows
    train: Features
    test: Features
    epochs: int
    tried: list[Tried]
    heads: Answers
    linear: Answers
    controls: dict[str, Answers] = field(default_factory=dict)
    shuffled: Estimate | None = None
    skipped: list[tuple[int, str]] = field(default_factory=list)

    @property
    def chance(self) -> float:
        """The share of the test rows' most frequent class."""
        return float(np.bincount(self.rows.test).max() / len(self.rows.test))


def measure(config: Probe) -> Headed:
    """The measurements, without a page.

    Raises:
        FoveateError: as ``labelled_pair`` and ``choose``; rates, depths or passes that are no such.
    """
    from foveate.engine.local import resolve_device

    _check(config)
    device, epochs = resolve_device(config.device), config.epochs or EPOCHS
    encoder = encoder_of(config, device)
    options, skipped = readings(encoder, config.last)
    pair = labelled_pair(config)
    taps = tuple(dict.fromkeys(tap for option in options for tap in option.taps))
    train, test = (embedded(config, encoder, part, taps, device) for part in (pair.train, pair.test))
    rows, _ = rows_of(config, train, test)
    heads = len(options) * len(config.rates)
    console.say(f"probe: {heads} heads on {len(rows.train):,} training rows, {len(rows.test):,} test rows")
    mine, theirs = _parts(train, options), _parts(test, options)
    tried = choose(mine, rows, options, config.rates, epochs=epochs, device=device)
    found = Headed(
        config=config,
        encoder=encoder,
        pair=pair,
        rows=rows,
        train=train,
        test=test,
        epochs=epochs,
        tried=tried,
        heads=answer(mine, theirs, rows, tried[0], epochs=epochs, device=device),
        linear=linear(TapFeatures(train=train.array("pooled"), test=test.array("pooled")), rows),
        skipped=skipped,
    )
    if config.controls:
        _controls(found, options, mine, theirs, device)
    return found


def _check(config: Probe) -> None:
    if not config.rates or min(config.rates) <= 0:
        raise FoveateError("--rates has no learning rate above 0.", "use e.g. --rates 0.001 0.01 0.1")
    if not config.last or min(config.last) < 1:
        raise FoveateError("--last has no number of blocks above 0.", "use e.g. --last 1 4")
    if config.epochs is not None and config.epochs < 1:
        raise FoveateError(f"--epochs {config.epochs} is less than 1.", f"leave it out for {EPOCHS}")


def _parts(stored: Features, options: list[Reading]) -> Parts:
    return {tap: stored.array(tap) for option in options for tap in option.taps}


def _controls(found: Headed, options: list[Reading], train: Parts, test: Parts, device: torch.device) -> None:
    """The same choice where there is less to read, and the same head where labels mean nothing."""
    config, rows, pair, epochs = found.config, found.rows, found.pair, found.epochs
    twin = twin_of(config, found.encoder)
    taps = tuple(dict.fromkeys(tap for option in options for tap in option.taps))
    stored = [embedded(config, twin, part, taps, device) for part in (pair.train, pair.test)]
    bare = [{"pixels": colours(small(part, kept.rows))} for part, kept in
            ((pair.train, found.train), (pair.test, found.test))]  # fmt: skip
    sources: dict[str, tuple[list[Reading], Parts, Parts]] = {
        "untrained": (options, _parts(stored[0], options), _parts(stored[1], options)),
        "pixels": ([Reading(pooling="pixels", last=1, taps=("pixels",))], bare[0], bare[1]),
    }
    for name, (each, a, b) in sources.items():
        best = choose(a, rows, each, config.rates, epochs=epochs, device=device)[0]
        found.controls[name] = answer(a, b, rows, best, epochs=epochs, device=device)
    permuted = [
        rows.shuffled(numpy_stream(config.seed, "probe", "shuffled", draw).permutation(len(rows.train)))
        for draw in range(_DRAWS)
    ]
    best = found.tried[0]
    found.shuffled = stats.seeds_interval(
        [float(answer(train, test, each, best, epochs=epochs, device=device).right.mean()) for each in permuted]
    )
