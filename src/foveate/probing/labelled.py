"""What every task on labels begins with: an encoder, labelled images of two classes or more, and their features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from foveate.core.errors import FoveateError
from foveate.core.seeds import derive
from foveate.probing.readouts import Rows

if TYPE_CHECKING:
    import torch
    from datasets import Dataset

    from foveate.data.load import Pair
    from foveate.encoders.encoder import Encoder
    from foveate.features.features import Features
    from foveate.probing.config import Probe


def encoder_of(config: Probe, device: torch.device, *, image_size: tuple[int, int] | None = None) -> Encoder:
    """The encoder that is probed. ``image_size``: (h, w), where it is not to be its own."""
    from foveate.encoders.load import load

    trust, seed = config.trust_code, config.seed
    return load(config.encoder, device=device, seed=seed, trust_code=trust, image_size=image_size)


def twin_of(config: Probe, encoder: Encoder) -> Encoder:
    """The same architecture with fresh weights; of a stream of its own, so that an untrained encoder's twin is another draw."""
    return encoder.untrained(derive(config.seed, "probe", "untrained") % 2**31)


def labelled_pair(config: Probe) -> Pair:
    """Training and test images.

    Raises:
        FoveateError: images without labels, or all of one class.
    """
    from foveate.data.columns import has_labels, labels
    from foveate.data.load import load_pair

    pair = load_pair(config.data, config.test)
    for role, part in (("training", pair.train), ("test", pair.test)):
        if not has_labels(part):
            raise FoveateError(
                f"the {role} images of {config.data} have no labels.",
                "give class folders, or a table with a label column",
            )
    if len(np.unique(labels(pair.train)[0])) < 2:
        raise FoveateError(f"the images of {config.data} are all of one class.", "probing needs two classes or more")
    return pair


def embedded(config: Probe, encoder: Encoder, part: Dataset, taps: Sequence[str], device: torch.device) -> Features:
    """Stored features of some images."""
    from foveate.features.embed import embed

    return embed(encoder, part, tuple(taps), device=device, batch_size=config.batch_size, engine=config.engine)


def rows_of(config: Probe, train: Features, test: Features) -> tuple[Rows, list[str]]:
    """Labels of both parts, and the names of the classes."""
    assert train.labels is not None
    assert test.labels is not None
    names = train.class_names
    return Rows(train=train.labels, test=test.labels, classes=len(names), seed=config.seed), names
