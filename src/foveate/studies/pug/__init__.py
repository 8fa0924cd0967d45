"""PUG: what photorealistic, controllable pictures say of an encoder: worlds never seen, factors that hurt, rankings, invariance.

Rendered are ``worlds`` (animals in every world, material and view) and ``factors`` (one factor at a time from a default view).
The claims are about given encoders, so the unit is the picture in its world or its asset, and each cell is computed once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from foveate.studies.cells import interval
from foveate.studies.study import Claim, Setting, Study, Values


def cell(condition: str, seed: int, options: Mapping[str, Any]) -> Values:
    """One encoder's measurements; ``small`` is trained first."""
    from foveate.studies.pug import measures, ranking, sets

    if condition == "ranking":
        return ranking.ranking(seed, options)
    encoder = sets.small(seed, options) if condition == "small" else sets.real("mobilenetv2_100.coral_in1k")
    return measures.worlds(encoder, seed, options) | measures.factors(encoder, seed, options)


def _claims(condition: str, what: str, *, real: str = "") -> tuple[Claim, ...]:
    """The claims about one encoder."""

    def read(name: str) -> Any:
        return interval(*(f"{condition}.{name}{end}" for end in ("", "_low", "_high", "_n")))

    def gained(rows: Sequence[Values]) -> bool:
        return rows[0][f"{condition}.over_untrained"] >= 0.05

    common: dict[str, Any] = {"over": "images", "conditions": (condition,), "trained": gained, "real": real}
    harmful = [
        Claim(
            id=f"{factor.replace('_', '-')}-over-size-{condition}",
            text=f"{words} {what} more than a change of size does, for as much change of pixels",
            source="Bordes et al. 2023 (PUG: ImageNet), table of robustness by factor",
            statistic="loss of the right class's probability beyond the pixel baseline's, per .1 of mean pixel change: factor less size",
            effect=0.05,
            measure=read(factor),
            control_name="the same with the two factors' names dealt out anew",
            control=read(f"{factor}_control"),
            **common,
        )
        for factor, words in (("camera_roll", "Rolling the camera hurts"), ("material", "Other materials hurt"))
    ]
    return (
        Claim(
            id=f"more-worlds-{condition}",
            text=f"A classifier on features of {what} is right more often in worlds never seen the more worlds it was trained on",
            source="Bordes et al. 2023 (PUG: Animals)",
            statistic="accuracy on five held-out worlds, most training worlds less one, as many pictures",
            effect=0.05,
            measure=read("gain"),
            control_name="the same with shuffled labels",
            control=read("shuffled_gain"),
            control_margin=0.02,
            **common,
        ),
        *harmful,
        Claim(
            id=f"world-over-light-{condition}",
            text=f"Another world moves the features of {what} farther than another light",
            source="Bordes et al. 2023 (PUG), invariance by factor",
            statistic="mean squared distance relative to random pairs, world less light",
            effect=0.05,
            measure=read("apart"),
            control_name="the same with features dealt out to other pictures",
            control=read("apart_control"),
            control_margin=0.05,
            **common,
        ),
    )


_LAPTOP = {"classes": 10, "assets": 2, "worlds": 14, "yaws": [0.0, 120.0], "pixels": 64, "samples": 8, "epochs": 40}


def _setting(seconds: float, options: dict[str, Any], *, real: tuple[str, ...] = ("mobilenet", "ranking")) -> Setting:
    return Setting(
        conditions=("small",),
        real_conditions=real,
        once=("small", *real),
        seeds=1,
        seconds_per_cell=seconds,
        options=options,
    )


STUDY = Study(
    name="pug",
    title="What controllable pictures say of an encoder",
    source="Bordes et al. 2023, PUG: Photorealistic and Semantically Controllable Synthetic Data for Representation Learning",
    cell=cell,
    claims=(
        *_claims("small", "a small network trained on rendered objects"),
        *_claims("mobilenet", "a MobileNetV2 trained on ImageNet", real="encoders/mobilenetv2_100.coral_in1k/"),
        Claim(
            id="ranking",
            text="Encoders rank on rendered animals as they do on photographs of clothes",
            source="Bordes et al. 2023 (PUG: ImageNet): there the rankings differ",
            statistic="Spearman's ρ of linear accuracy over eight encoders",
            effect=0.5,
            over="images",
            conditions=("ranking",),
            measure=interval("ranking.rho", "ranking.rho_low", "ranking.rho_high", "ranking.rho_n"),
            control_name="ρ with accuracy after training on shuffled labels, over eight shufflings",
            control=interval(
                "ranking.rho_control", "ranking.rho_control_low", "ranking.rho_control_high", "ranking.rho_control_n"
            ),
            real="encoders/ and clothing10/",
        ),
    ),
    scales={
        "smoke": _setting(
            120,
            _LAPTOP | {"classes": 3, "assets": 2, "worlds": 6, "lessons": 6, "pixels": 32, "samples": 1, "epochs": 3},
            real=(),
        ),
        "laptop": _setting(300, _LAPTOP),
        "gpu": _setting(
            400,
            _LAPTOP | {"assets": 6, "yaws": [0.0, 120.0, 240.0], "pixels": 224, "samples": 16, "epochs": 60},
        ),
        # The published numbers of pictures: see paper/*.toml, and docs/studies.md for the price.
        "paper": _setting(4e6, {"designs": "paper", "epochs": 100}),
    },
)
