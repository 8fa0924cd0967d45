"""Do foveate's own instruments tell the truth? Worlds with a known answer, and one small training that must beat its twin.

The smallest study: it exercises every part of the contract that the larger ones rely on.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foveate.studies.cells import column, gain_over_untrained, interval, trained
from foveate.studies.study import Claim, Setting, Study, Values

WIDTH, IMAGES = 192, 100
# One draw of 1,000 crops has a spread of .015, as large as δ: each cell is the mean of many.
DRAWS = 20
# For digits on colour fields, chosen on validation rows: neither colour nor brightness tells them apart, mirroring does.
VIEWS = ("view.flip=0", "view.scale=0.4,1", "view.jitter=0.8,0.8,0.8,0.5", "view.grayscale=0.5", "view.solarize=0.5")


def cell(condition: str, seed: int, options: Mapping[str, Any]) -> Values:
    """One condition for one seed."""
    if condition == "independent":
        return _independent(seed)
    if condition == "lookup":
        return _lookup(seed, same_recipe=False) | {
            f"control_{name}": value for name, value in _lookup(seed, same_recipe=True).items()
        }
    if condition == "simclr":
        return _simclr(seed, options["epochs"], options["rows"])
    assert condition == "imagenet"
    return _imagenet(seed)


def _independent(seed: int) -> dict[str, float]:
    """CKA of two independent Gaussian feature matrices: the truth is 0."""
    import numpy as np

    from foveate.core.seeds import numpy_stream
    from foveate.measures.cka import cka

    random = numpy_stream(seed, "independent")
    X, Y = (random.standard_normal((IMAGES, WIDTH)) for _ in range(2))
    grams = [centred @ centred.T for centred in (X - X.mean(0), Y - Y.mean(0))]
    biased = np.sum(grams[0] * grams[1]) / np.sqrt(np.sum(grams[0] ** 2) * np.sum(grams[1] ** 2))
    return {"biased": float(biased), "debiased": cka(X, Y), "itself": cka(X, X)}


def _lookup(seed: int, *, same_recipe: bool) -> dict[str, float]:
    """How far the déjà vu score of an artificial encoder that memorised a fifth of its images is from the truth."""
    import torch

    from foveate.auditing import dejavu
    from foveate.auditing.lookup import LookupWorld, draw
    from foveate.core.seeds import derive
    from foveate.measures.neighbours import nearest

    world = LookupWorld(memorized=0.2, correlated=0.1, same_recipe=same_recipe)
    errors = []
    for index in range(DRAWS):
        sample = draw(world, derive(seed, index))
        public = torch.from_numpy(sample.public)
        right = []
        for crops in (sample.target, sample.reference):
            _, neighbours = nearest(torch.from_numpy(crops), public, 20)
            labels = sample.public_labels[neighbours.numpy()]
            right.append(dejavu.infer(labels, world.classes).right(sample.labels))
        errors.append(dejavu.score(*right).score.value - world.expected)
    return {"error": sum(errors) / DRAWS}


def _simclr(seed: int, epochs: int, rows: int) -> Values:
    """A freshly trained encoder against its untrained twin, on digits that pixels cannot tell apart.

    The views disturb what the class does not rest on. With the default ones an image is told by its colour field, and
    nothing of the digit is learned (docs/log.md).
    """
    from foveate.pretraining import verb as pretraining
    from foveate.pretraining.config import Pretrain

    data = f"builtin:clutter@train[0:{rows}]"
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        pretraining.run(Pretrain(data=data, recipe="laptop-32", set=VIEWS, epochs=epochs, seed=seed, out=run))
        return gain_over_untrained(f"run:{run}", data, seed, folder, test="builtin:clutter@test")


def _imagenet(seed: int) -> Values:
    """A network trained on ImageNet against its untrained twin, on real photographs of clothes."""
    root = Path(os.environ["FOVEATE_REAL_DATA"])
    with tempfile.TemporaryDirectory() as folder:
        encoder = f"local-dir:{root / 'encoders' / 'mobilenetv2_100.coral_in1k'}"
        return gain_over_untrained(encoder, f"folder:{root / 'clothing10'}", seed, folder)


STUDY = Study(
    name="estimators",
    title="Do the instruments tell the truth?",
    source="planted worlds; Kornblith et al. 2019 (CKA), Meehan et al. 2023 (déjà vu), Chen et al. 2020 (SimCLR)",
    cell=cell,
    claims=(
        Claim(
            id="biased-cka",
            text=f"Biased linear CKA of independent features is far above 0 at {IMAGES} images and {WIDTH} dimensions",
            source="definition (biased HSIC); Kornblith et al. 2019",
            statistic="biased CKA of independent Gaussian features (truth 0)",
            effect=0.3,
            sd=0.01,
            conditions=("independent",),
            measure=column("independent.biased"),
            control_name="debiased CKA of a matrix with itself, minus 1",
            control=column("independent.itself", less=1.0),
            control_margin=1e-6,
        ),
        Claim(
            id="debiased-cka",
            text="Debiased linear CKA of independent features is 0",
            source="Song et al. 2012 (unbiased HSIC)",
            statistic="debiased CKA of independent Gaussian features (truth 0)",
            kind="no effect",
            effect=0.02,
            sd=0.01,
            conditions=("independent",),
            measure=column("independent.debiased"),
            control_name="debiased CKA of a matrix with itself, minus 1",
            control=column("independent.itself", less=1.0),
            control_margin=1e-6,
        ),
        Claim(
            id="dejavu-score",
            text="The two-model déjà vu score of an encoder that memorised a share m of its images is m(1 − 1/C)",
            source="derived from the definition in Meehan et al. 2023",
            statistic="measured minus true score, m = .2, C = 10",
            kind="no effect",
            effect=0.015,
            sd=0.004,
            conditions=("lookup",),
            measure=column("lookup.error"),
            control_name="score when the reference remembers the same images",
            control=column("lookup.control_error"),
            control_margin=0.005,
        ),
        Claim(
            id="simclr-beats-untrained",
            text="SimCLR features classify cluttered digits better than those of the untrained twin",
            source="Chen et al. 2020",
            statistic="kNN accuracy, trained minus untrained",
            effect=0.05,
            sd=0.075,
            conditions=("simclr",),
            measure=column("simclr.gain"),
            control_name="kNN accuracy on shuffled labels minus chance",
            control=column("simclr.excess"),
            control_margin=0.03,
            trained=trained("simclr.gain"),
        ),
        Claim(
            id="imagenet-beats-untrained",
            text="A MobileNetV2 trained on ImageNet tells clothes apart better than its untrained twin",
            source="sanity check on real photographs",
            statistic="kNN accuracy, trained minus untrained",
            effect=0.05,
            over="images",
            conditions=("imagenet",),
            measure=interval("imagenet.gain", "imagenet.low", "imagenet.high", "imagenet.images"),
            control_name="kNN accuracy on shuffled labels minus chance",
            control=interval("imagenet.excess", "imagenet.excess_low", "imagenet.excess_high", "imagenet.images"),
            control_margin=0.05,
            real="clothing10/ and encoders/mobilenetv2_100.coral_in1k/",
        ),
    ),
    scales={
        "smoke": Setting(conditions=("independent", "lookup"), seeds=5, seconds_per_cell=1),
        "laptop": Setting(
            conditions=("independent", "lookup", "simclr"),
            real_conditions=("imagenet",),
            once=("imagenet",),
            seeds=5,
            seconds_per_cell=25,
            options={"epochs": 15, "rows": 4000},
        ),
        "overnight": Setting(
            conditions=("independent", "lookup", "simclr"),
            real_conditions=("imagenet",),
            once=("imagenet",),
            seeds=10,
            seconds_per_cell=180,
            options={"epochs": 60, "rows": 6000},
        ),
    },
)
