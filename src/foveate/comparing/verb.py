"""``foveate compare``: embed the same images with every encoder, then measure each pair."""

from __future__ import annotations

import re
import string
from itertools import combinations
from typing import TYPE_CHECKING

from foveate.comparing import report
from foveate.comparing.config import Compare
from foveate.comparing.layers import LEAST, Layers, Pair, compare
from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.run import Run
from foveate.core.seeds import derive
from foveate.reporting.record import Report

if TYPE_CHECKING:
    import torch
    from datasets import Dataset

    from foveate.encoders.encoder import Encoder

_DEPTH = re.compile(r"(stem|blocks\.\d+|stages\.\d+)$")


def run(config: Compare) -> Report:
    """Compare encoders.

    Returns:
        A report with ``cka.similarity@TAP~TAP/A~B`` for every pair of encoders and of taps, and its controls.

    Raises:
        FoveateError: fewer than two encoders, a tap that one lacks, too few images.
    """
    _check(config)
    with Run(config.out, "compare", config, resume=config.resume) as run:
        record = _measure(config)
        record.save(run)
    return record


def _measure(config: Compare) -> Report:
    from foveate.encoders.load import load as load_encoder
    from foveate.engine.local import resolve_device

    device = resolve_device(config.device)
    encoders = [
        load_encoder(address, device=device, seed=config.seed, trust_code=config.trust_code)
        for address in config.encoders
    ]
    taps = [depth_taps(encoder, config.taps) for encoder in encoders]
    dataset = _sample(config)
    layers = [
        _embed(config, encoder, chosen, dataset, letter, device)
        for encoder, chosen, letter in zip(encoders, taps, string.ascii_uppercase, strict=False)
    ]
    twins: dict[str, Layers] = {}
    if config.untrained:
        for encoder, mine in zip(encoders, layers, strict=True):
            # Each its own seed, so that two encoders of one architecture do not get the same twin.
            twin = encoder.untrained(derive(config.seed, "compare", mine.letter) % 2**31)
            tap = "pooled" if mine.taps[-1].startswith("projector") else mine.taps[-1]  # a twin has no projector
            twins[mine.letter] = _embed(config, twin, (tap,), dataset, mine.letter, device)
    pairs: list[Pair] = []
    for a, b in combinations(layers, 2):
        untrained = (twins[a.letter].arrays[-1], twins[b.letter].arrays[-1]) if twins else None
        pairs.append(compare(a, b, seed=config.seed, k=config.k, untrained=untrained))
    return report.write(config, layers, pairs, [encoder.describe() for encoder in encoders])


def depth_taps(encoder: Encoder, taps: tuple[str, ...]) -> tuple[str, ...]:
    """The taps that are compared, in the order of depth; ``all`` stands for every block or stage, then pooled.

    Raises:
        FoveateError: a tap that the encoder lacks; the nearest is named.
    """
    chosen: list[str] = []
    for tap in taps:
        if tap == "all":
            # Before the first block a class token is the same for every image: the stem is read by its mean.
            depth = [name for name in encoder.taps() if _DEPTH.match(name)]
            chosen += [f"{name}:mean" if name == "stem" else name for name in depth] + ["pooled"]
        else:
            chosen.append(tap)
    canonical = tuple(dict.fromkeys(encoder.check(tap) for tap in chosen))
    if tokens := [tap for tap in canonical if tap.endswith(":tokens")]:
        raise FoveateError(f"'{tokens[0]}' is many vectors an image, and one is compared.", "use :mean or :cls")
    return canonical


def _check(config: Compare) -> None:
    count = len(config.encoders)
    if count < 2:
        raise FoveateError(f"compare needs two encoders or more, not {count}.", "foveate compare A B --data DATA")
    if count > len(string.ascii_uppercase):
        raise FoveateError(f"{count} encoders are too many for one report.", "compare at most 26 at a time")
    if not config.taps:
        raise FoveateError("--taps names no tap.", "leave it out for every block or stage")
    if config.n < LEAST:
        raise FoveateError(f"--n {config.n} images are too few to compare on.", f"use {LEAST} or more")
    if not 1 <= config.k < LEAST:
        raise FoveateError(f"--k {config.k} neighbours.", f"use 1 to {LEAST - 1}")


def _sample(config: Compare) -> Dataset:
    """At most ``n`` rows of the fixed shuffle."""
    from foveate.data.columns import ids, shuffle_order
    from foveate.data.load import load

    dataset = load(config.data)
    if len(dataset) > config.n:
        dataset = dataset.select(shuffle_order(ids(dataset))[: config.n])
    if len(dataset) < LEAST:
        raise FoveateError(f"{config.data} has {len(dataset)} images: too few to compare on.", f"give {LEAST} or more")
    return dataset


def _embed(
    config: Compare, encoder: Encoder, taps: tuple[str, ...], dataset: Dataset, letter: str, device: torch.device
) -> Layers:
    from foveate.features.embed import embed

    console.say(f"compare: {letter} = {encoder.address}")
    features = embed(encoder, dataset, taps, device=device, batch_size=config.batch_size, engine=config.engine)
    return Layers(
        letter=letter,
        name=encoder.address,
        taps=taps,
        arrays=tuple(features.array(tap) for tap in taps),
        ids=tuple(features.ids),
        digests=tuple(features.digests),
    )
