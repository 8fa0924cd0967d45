"""What is claimed, fixed before the first run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from foveate.studies.cells import trained
from foveate.studies.cookbook.conditions import GRID
from foveate.studies.study import Claim, Values

Read = Callable[[Values], float]
"""The values of a seed, as ``NAME.VALUE`` → a number."""
WORLDS = {"clutter": "cluttered digits", "cifar": "CIFAR-10"}
BOOK = "Balestriero et al. 2023 (Cookbook)"
WITHIN = (
    "simclr", "no-projector", "linear-projector", "deep-projector", "temperature-1", "batch-32", "batch-32-unscaled",
    "crop-gray", "crop", "multi-crop",
)  # fmt: skip
"""Settings of one objective."""
ACROSS = ("simclr", "barlow", "vicreg", "byol", "rotation", "autoencoder")
"""Objectives."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A claim, before a world is chosen.

    Attributes:
        needs: the conditions. learned: whether the first of them has to beat its untrained twin; a collapse is one also
            where nothing was learned yet.
    """

    id: str
    text: str
    source: str
    statistic: str
    effect: float
    needs: tuple[str, ...]
    value: Read
    control_name: str
    control: Read
    control_margin: float = 0.03
    kind: str = "effect"
    sd: float = 0.02
    learned: bool = True


def less(one: str, other: str, value: str = "knn") -> Read:
    """One condition's value less another's."""
    return lambda row: row[f"{one}.{value}"] - row[f"{other}.{value}"]


def _gap(id: str, text: str, source: str, one: str, other: str, effect: float, **more: object) -> Statement:
    """One condition reads better by kNN than another."""
    return Statement(
        id=id, text=text, source=source, statistic=f"kNN accuracy on test images, {one} less {other}", effect=effect,
        needs=(one, other), value=less(one, other),
        control_name="the same with shuffled labels", control=less(one, other, "shuffled"), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _lost(id: str, text: str, source: str, whole: str, without: str) -> Statement:
    """The embeddings' spread is lost with a part of the objective; a collapse is one where nothing was learned yet, too."""

    def own(row: Values) -> float:
        return max(0.0, 1 - row[f"{whole}.spread"] / row[f"{whole}.untrained_spread"])

    return Statement(
        id=id, text=text, source=source, statistic=f"spread of the embeddings, 1 less {without} over {whole}", effect=0.5,
        needs=(whole, without), value=lambda row: 1 - row[f"{without}.spread"] / row[f"{whole}.spread"],
        control_name=f"what {whole} itself loses in training", control=own, learned=False,
    )  # fmt: skip


def rank_correlation(names: Sequence[str], value: str) -> Read:
    """Spearman's ρ between RankMe of the backbone and a value, over conditions."""
    return lambda row: float(
        spearmanr([row[f"{name}.rankme"] for name in names], [row[f"{name}.{value}"] for name in names]).statistic
    )


def tuned(batch: int, value: str) -> Read:
    """A value of the learning rate that did best for a batch on rows held out of training."""
    names = [name for name in GRID if name.startswith(f"batch-{batch}-")]

    def read(row: Values) -> float:
        best = max(names, key=lambda name: row[f"{name}.held_out"])
        return row[f"{best}.{value}"]

    return read


CLUTTER_CLAIMS = (
    _gap(
        "projector", "A projector between the features and the loss matters", f"{BOOK} 3.2; Chen et al. 2020",
        "simclr", "no-projector", 0.03,
    ),
    _lost(
        "variance-collapse", "VICReg without its variance term collapses", "Bardes et al. 2022, table of ablations",
        "vicreg", "vicreg-no-variance",
    ),
    _lost(
        "nothing-collapses", "Without a teacher and without a predictor, BYOL collapses",
        "Grill et al. 2020; Chen and He 2021 (SimSiam)", "byol-fast", "byol-nothing",
    ),
    Statement(
        id="online-probe",
        text="An online probe reads as a probe that is trained afterwards",
        source=f"{BOOK} 3.5: cheap, and may mislead",
        statistic="accuracy on rows held out, online linear probe less ridge classifier",
        effect=0.05,
        kind="no effect",
        needs=("simclr",),
        value=lambda row: row["simclr.online"] - row["simclr.offline"],
        control_name="ridge classifier on shuffled labels, less chance",
        control=lambda row: row["simclr.shuffled"],
    ),
)  # fmt: skip
CLAIMS = (
    *CLUTTER_CLAIMS,
    _gap(
        "projector-depth", "A projector of three layers beats a linear one", f"{BOOK} 3.2; Chen et al. 2020",
        "deep-projector", "linear-projector", 0.01,
    ),
    _gap(
        "projector-width", "Losses on the covariance want wide embeddings", f"{BOOK} 3.2; Zbontar et al. 2021",
        "barlow", "barlow-narrow", 0.01,
    ),
    _gap(
        "multi-crop", "Small crops help, for the same number of pixels", f"{BOOK} 3.1; Caron et al. 2020 (SwAV)",
        "multi-crop", "simclr", 0.01,
    ),
    _gap(
        "small-batch", "A small batch wants its learning rate scaled", f"{BOOK} 3.3; Chen et al. 2020, appendix B.1",
        "batch-32", "batch-32-unscaled", 0.02,
    ),
    _gap(
        "temperature", "A low temperature beats one without sharpening", f"{BOOK} 3.3; Chen et al. 2020",
        "simclr", "temperature-1", 0.02,
    ),
    _gap(
        "gray", "Crops and grey alone are a budget recipe: grey adds much to crops", f"{BOOK} 3.1",
        "crop-gray", "crop", 0.03,
    ),
    _gap(
        "families", "On few images joint embedding beats reconstruction", f"{BOOK} 2; Balestriero and LeCun 2024",
        "simclr", "autoencoder", 0.05,
    ),
    _gap(
        "uniform-prior", "On classes with a long tail a prior of unequal shares beats the uniform one",
        "Assran et al. 2023 (PMSN)", "pmsn-tail", "msn-tail", 0.01,
    ),
    Statement(
        id="no-teacher",
        text="A predictor that learns ten times as fast replaces BYOL's teacher",
        source=f"{BOOK} 2.3; Grill et al. 2020, appendix",
        statistic="kNN accuracy on test images, byol-fast less byol",
        effect=0.05,
        kind="no effect",
        needs=("byol", "byol-fast"),
        value=less("byol-fast", "byol"),
        control_name="the same with shuffled labels",
        control=less("byol-fast", "byol", "shuffled"),
    ),
    Statement(
        id="rankme-within",
        text="RankMe ranks settings of one objective",
        source="Garrido et al. 2023 (RankMe)",
        statistic=f"Spearman's ρ of RankMe and kNN accuracy over {len(WITHIN)} settings",
        effect=0.3,
        needs=WITHIN,
        value=rank_correlation(WITHIN, "knn"),
        control_name="ρ with kNN accuracy on shuffled labels",
        control=rank_correlation(WITHIN, "shuffled"),
        control_margin=0.3,
        sd=0.25,
    ),
    Statement(
        id="rankme-across",
        text="RankMe ranks settings of one objective better than objectives",
        source="Garrido et al. 2023 (RankMe), limits",
        statistic=f"ρ over {len(WITHIN)} settings less ρ over {len(ACROSS)} objectives",
        effect=0.2,
        needs=(*WITHIN, *ACROSS),
        value=lambda row: rank_correlation(WITHIN, "knn")(row) - rank_correlation(ACROSS, "knn")(row),
        control_name="the same with shuffled labels",
        control=lambda row: rank_correlation(WITHIN, "shuffled")(row) - rank_correlation(ACROSS, "shuffled")(row),
        control_margin=0.4,
        sd=0.35,
    ),
    Statement(
        id="batch",
        text="With its rate tuned a small batch is as good as a large one",
        source=f"{BOOK} 3.3",
        statistic="kNN accuracy on test images, batch 32 less batch 512, each at the rate best on rows held out",
        effect=0.05,
        kind="no effect",
        needs=tuple(GRID),
        value=lambda row: tuned(32, "knn")(row) - tuned(512, "knn")(row),
        control_name="the same with shuffled labels",
        control=lambda row: tuned(32, "shuffled")(row) - tuned(512, "shuffled")(row),
    ),
    _gap(
        "masked", "On few images and a small transformer, joint embedding beats masked images", f"{BOOK} 2.4",
        "vit-simclr", "vit-mae", 0.02,
    ),
)  # fmt: skip


def claims(world: str, *, real: str = "") -> tuple[Claim, ...]:
    """The claims on one world's images, whose conditions stand as ``WORLD/NAME``."""
    return tuple(_of(statement, world, real) for statement in CLAIMS)


def _of(statement: Statement, world: str, real: str) -> Claim:
    def over(read: Read) -> Callable[[Sequence[Values]], list[float]]:
        return lambda rows: [_finite(read, _without(row, world)) for row in rows]

    same = {f.name for f in dataclasses.fields(Statement)} & {f.name for f in dataclasses.fields(Claim)}
    fields = {name: getattr(statement, name) for name in same}
    fields |= {"id": f"{statement.id}-{world}", "text": f"{statement.text}, on {WORLDS[world]}"}
    return Claim(
        **{**fields, "measure": over(statement.value), "control": over(statement.control)},
        trained=trained(f"{world}/{statement.needs[0]}.gain") if statement.learned else None,
        conditions=tuple(f"{world}/{name}" for name in dict.fromkeys(statement.needs)),
        real=real,
    )


def _without(row: Values, world: str) -> Values:
    return {name.removeprefix(f"{world}/"): value for name, value in row.items() if name.startswith(f"{world}/")}


def _finite(read: Read, row: Values) -> float:
    """NaN where a quotient or a rank has nothing to go by."""
    with np.errstate(all="ignore"):
        try:
            return float(read(row))
        except ZeroDivisionError:
            return float("nan")
