"""The measurements of the task ``decode``: a decoder on the encoder's features at each tap, and on what explains nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from foveate.core import console
from foveate.core.errors import FoveateError
from foveate.core.seeds import numpy_stream
from foveate.features.pixels import as_seen
from foveate.probing.decode.fit import Decoded, Images, coloured, decode, steps_of
from foveate.probing.labelled import embedded, encoder_of, twin_of
from foveate.probing.rows import hold_out
from foveate.probing.taps import probe_taps

if TYPE_CHECKING:
    from foveate.data.load import Pair
    from foveate.encoders.encoder import Encoder
    from foveate.features.features import Features
    from foveate.probing.config import Probe

MOST, FEWEST, STEPS = 40, 5, 600
"""Passes at most and at least, where none are asked for, and the steps that they come to between."""
SIDE = 32
"""Side of the pictures that are painted, px."""
_IMAGES = 10  # training images at least


@dataclass(kw_only=True)
class Painted:
    """All that one such probe found.

    Attributes:
        taps: the headline first. found: tap → its decoder's pictures.
        controls: ``mean`` (the mean image), ``colour`` (the right mean colour and nothing else), and where they were asked
            for ``untrained`` (the twin at the first tap) and ``shuffled`` (training images permuted).
    """

    config: Probe
    encoder: Encoder
    pair: Pair
    train: Features
    test: Features
    images: Images
    epochs: int
    taps: tuple[str, ...]
    found: dict[str, Decoded]
    controls: dict[str, Decoded]


def measure(config: Probe) -> Painted:
    """The measurements, without a page.

    Raises:
        FoveateError: passes or taps that do not fit, too few images, or images that are all the same.
    """
    from foveate.data.load import load_pair
    from foveate.engine.local import resolve_device

    if config.epochs is not None and config.epochs < 1:
        raise FoveateError(f"--epochs {config.epochs} is less than 1.", f"leave it out for {MOST} or fewer")
    device = resolve_device(config.device)
    encoder = encoder_of(config, device)
    taps = probe_taps(encoder, config.taps)
    pair = load_pair(config.data, config.test)
    if len(pair.train) < _IMAGES or len(pair.test) < 2:
        raise FoveateError(
            f"{len(pair.train)} training images and {len(pair.test)} to test on are too few to train a decoder.",
            f"give at least {_IMAGES}, and 2",
        )
    train, test = (embedded(config, encoder, part, taps, device) for part in (pair.train, pair.test))
    fit, held = hold_out(np.zeros(len(train), np.int64), seed=config.seed)
    epochs = config.epochs or max(FEWEST, min(MOST, STEPS // steps_of(len(fit))))
    pixels = [
        as_seen(part, each.rows, encoder.preprocess, (SIDE, SIDE))
        for part, each in ((pair.train, train), (pair.test, test))
    ]
    images = Images(train=pixels[0], test=pixels[1], fit=fit, held=held, seed=config.seed)
    controls = {"mean": Decoded.of(np.broadcast_to(images.mean, images.test.shape), images.test, images.mean)}
    if not controls["mean"].errors.any():
        raise FoveateError(f"the images of {config.data} are all the same.", "give images that differ")
    controls["colour"] = coloured(images)
    console.say(f"probe: {len(fit):,} images to train decoders on, {len(held):,} to stop on, {len(test):,} test images")
    found = {tap: decode(train.array(tap), test.array(tap), images, epochs=epochs, device=device) for tap in taps}
    if config.controls:
        first, twin = taps[0], twin_of(config, encoder)
        fresh = [embedded(config, twin, part, (first,), device).array(first) for part in (pair.train, pair.test)]
        controls["untrained"] = decode(fresh[0], fresh[1], images, epochs=epochs, device=device)
        order = numpy_stream(config.seed, "probe", "shuffled", 0).permutation(len(train))
        controls["shuffled"] = decode(
            train.array(first)[order], test.array(first), images, epochs=epochs, device=device
        )
    return Painted(
        config=config,
        encoder=encoder,
        pair=pair,
        train=train,
        test=test,
        images=images,
        epochs=epochs,
        taps=taps,
        found=found,
        controls=controls,
    )
