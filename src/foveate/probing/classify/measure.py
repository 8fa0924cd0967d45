"""The measurements of a classification probe and of its controls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from foveate.core import console, stats
from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.features.pixels import PIXEL_GRID, colours, small
from foveate.probing import overlap
from foveate.probing.config import Probe
from foveate.probing.labelled import embedded, encoder_of, labelled_pair, rows_of, twin_of
from foveate.probing.looks import Looks, look
from foveate.probing.lowshot import LabelShare, LowShot, label_shares, low_shot
from foveate.probing.mlp import Fitted, mlp
from foveate.probing.overlap import Overlap
from foveate.probing.rankme import rank_of
from foveate.probing.readouts import Answers, Rows, TapFeatures, knn, linear, ridge_sweep
from foveate.probing.rows import smallest_class
from foveate.probing.taps import probe_taps

if TYPE_CHECKING:
    import torch

    from foveate.data.load import Pair
    from foveate.encoders.encoder import Encoder
    from foveate.features.features import Features


@dataclass(kw_only=True)
class Probed:
    """All that one probe found; the page and the metrics are made from it alone.

    Attributes:
        taps: the headline first. names: of the classes. train, test: stored features with their ids.
        readouts: ``knn`` and ``linear`` at the headline. sweep: tap → kNN and ridge, where there are several taps.
        rankme: tap → RankMe of the training images, beside the sweep.
        controls: ``knn.untrained``, ``linear.pixels`` … → answers.
        shuffled: ``knn``, ``linear`` → accuracy with permuted training labels, and what its interval is over.
        shots, shots_skipped, shares: the low-shot probes. mlp: the MLP probe's course; its answers are readout ``mlp``.
        overlap: test rows that also stand in train. looks: tokens of some test images, as pictures.
    """

    config: Probe
    encoder: Encoder
    pair: Pair
    taps: tuple[str, ...]
    rows: Rows
    names: list[str]
    train: Features
    test: Features
    readouts: dict[str, Answers]
    sweep: dict[str, tuple[Answers, Answers]]
    overlap: Overlap
    rankme: dict[str, Estimate] = field(default_factory=dict)
    controls: dict[str, Answers] = field(default_factory=dict)
    shuffled: dict[str, tuple[Estimate, str]] = field(default_factory=dict)
    shots: list[LowShot] = field(default_factory=list)
    shots_skipped: list[tuple[int, str]] = field(default_factory=list)
    shares: list[LabelShare] = field(default_factory=list)
    mlp: Fitted | None = None
    looks: Looks | None = None

    @property
    def chance(self) -> float:
        """The share of the test rows' most frequent class."""
        return float(np.bincount(self.rows.test).max() / len(self.rows.test))


def measure(config: Probe) -> Probed:
    """The measurements, without a page.

    Raises:
        FoveateError: no labels, one class, fewer training images than k or than the shots need, an unknown tap.
    """
    from foveate.engine.local import resolve_device

    _check(config)
    device = resolve_device(config.device)
    encoder = encoder_of(config, device)
    taps = probe_taps(encoder, config.taps)
    pair = labelled_pair(config)
    _check_pair(config, pair)
    train, test = (embedded(config, encoder, part, taps, device) for part in (pair.train, pair.test))
    rows, names = rows_of(config, train, test)
    parts = {tap: TapFeatures(train=train.array(tap), test=test.array(tap)) for tap in taps}
    headline = parts[taps[0]]
    console.say(f"probe: {len(rows.train):,} training and {len(rows.test):,} test rows, {rows.classes} classes")
    small_train, small_test = small(pair.train, train.rows), small(pair.test, test.rows)
    found = Probed(
        config=config,
        encoder=encoder,
        pair=pair,
        taps=taps,
        rows=rows,
        names=names,
        train=train,
        test=test,
        readouts={"knn": knn(headline, rows, k=config.k, device=device), "linear": linear(headline, rows)},
        sweep={
            tap: (knn(part, rows, k=config.k, device=device), ridge_sweep(part, rows, device=device))
            for tap, part in (parts.items() if len(taps) > 1 else ())
        },
        overlap=overlap.find(train, test, small_train, small_test),
        rankme={tap: rank_of(part.train, seed=config.seed) for tap, part in (parts.items() if len(taps) > 1 else ())},
    )
    found.shots, found.shots_skipped = low_shot(headline, rows, config.shots, draws=config.shot_seeds)
    found.shares = label_shares(headline, rows, config.label_shares, draws=config.shot_seeds)
    if config.mlp:
        found.mlp = mlp(headline, rows, hidden=config.mlp, device=device)
        found.readouts["mlp"] = found.mlp.answers
    found.looks = look(encoder, pair.test, test.rows)
    if config.controls:
        _controls(found, headline, TapFeatures(train=colours(small_train), test=colours(small_test)), device)
    return found


def _check(config: Probe) -> None:
    """Numbers, before anything is loaded."""
    if config.k < 1:
        raise FoveateError(f"--k {config.k} is less than 1.", "use e.g. 20")
    if not config.taps:
        raise FoveateError("--taps names no tap.", "leave it out for the pooled output")
    if any(count < 0 for count in config.shots):
        raise FoveateError(f"--shots {min(config.shots)} is less than 0.", "use e.g. 1 5 10, or 0 to leave it out")
    if bad := [share for share in config.label_shares if not 0 < share <= 1]:
        raise FoveateError(f"--label-shares {bad[0]:g} is no share of the labels.", "use e.g. 0.01 0.1")
    if config.mlp < 0:
        raise FoveateError(f"--mlp {config.mlp} is less than 0.", "use e.g. 512, or 0 to leave it out")
    if config.shot_seeds < 2:
        raise FoveateError(f"--shot-seeds {config.shot_seeds} gives no interval.", "use 2 or more, e.g. 5")


def _check_pair(config: Probe, pair: Pair) -> None:
    """What the labels must allow, before anything is embedded."""
    from foveate.data.columns import labels

    train = labels(pair.train)[0]
    if config.k > len(train):
        raise FoveateError(
            f"--k {config.k} neighbours, but {config.data} has only {len(train)} training images.",
            f"use --k {min(len(train), max(1, len(train) // 4))} or less, or give more images",
        )
    wanted = [count for count in config.shots if count > 0]
    if wanted and min(wanted) > smallest_class(train):
        raise FoveateError(
            f"--shots {min(wanted)}, but the smallest class has {smallest_class(train)} training images.",
            "use fewer shots, or --shots 0 to leave the low-shot probe out",
        )


def _controls(found: Probed, headline: TapFeatures, pixels: TapFeatures, device: torch.device) -> None:
    """The same readouts where there is less to read: fresh weights, bare pixels, labels that mean nothing."""
    config, rows = found.config, found.rows
    twin = twin_of(config, found.encoder)
    tap = found.taps[0]
    tap = "pooled" if tap.startswith("projector") else tap  # a twin has no projector
    train, test = (embedded(config, twin, part, (tap,), device) for part in (found.pair.train, found.pair.test))
    untrained = TapFeatures(train=train.array(tap), test=test.array(tap))
    found.controls = {
        "knn.untrained": knn(untrained, rows, k=config.k, device=device),
        "linear.untrained": linear(untrained, rows),
        "knn.pixels": knn(pixels, rows, k=config.k, device=device),
        "linear.pixels": linear(pixels, rows, grid=PIXEL_GRID),
    }
    if config.mlp:
        for name, part in (("untrained", untrained), ("pixels", pixels)):
            found.controls[f"mlp.{name}"] = mlp(part, rows, hidden=config.mlp, device=device).answers
    strength = float(found.readouts["linear"].setting.rpartition("= ")[2])
    # Test rows that lie together get one answer, so that a single permutation strays further than its images tell.
    draws = 5 if len(rows.train) <= 5000 else 1
    permuted = [
        rows.shuffled(numpy_stream(config.seed, "probe", "shuffled", draw).permutation(len(rows.train)))
        for draw in range(draws)
    ]
    found.shuffled = {
        "knn": _over_draws([knn(headline, each, k=config.k, device=device) for each in permuted]),
        "linear": _over_draws([linear(headline, each, grid=(strength,)) for each in permuted]),
    }


def _over_draws(answers: list[Answers]) -> tuple[Estimate, str]:
    """The mean accuracy with Student's interval over permutations; of a single one, Wilson's over its images."""
    if len(answers) == 1:
        right = answers[0].right
        return stats.wilson(int(right.sum()), len(right)), "images"
    return stats.seeds_interval([float(each.right.mean()) for each in answers]), "seeds"
