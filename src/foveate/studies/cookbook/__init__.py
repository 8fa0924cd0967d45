"""What the cookbook of self-supervised learning says of projectors, views, batches, families and ranks, on small images.

One network is trained under each condition (``conditions``), and measured alike (``measures``); claims share their baselines
(``claims``). Worlds: ``clutter`` is built in, ``cifar`` wants the real images. All is about training, so the unit is the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foveate.studies.cookbook.claims import CLUTTER_CLAIMS, claims
from foveate.studies.cookbook.conditions import CONDITIONS, GRID, TRANSFORMERS
from foveate.studies.study import Setting, Study, Values

SHORT = [name for name in CONDITIONS if name not in (*GRID, *TRANSFORMERS)]
"""What the shorter scales train."""
BASICS = list(dict.fromkeys(name for claim in CLUTTER_CLAIMS for name in claim.needs))
"""What a run of seconds or minutes can tell apart on clutter, whose digits are hard to find."""


def cell(condition: str, seed: int, options: Mapping[str, Any]) -> Values:
    """One training under ``WORLD/NAME``, measured."""
    from foveate.studies.cookbook.measures import trained

    world, _, name = condition.partition("/")
    return trained(world, name, seed, options[world])


def _in(world: str, names: list[str]) -> tuple[str, ...]:
    return tuple(f"{world}/{name}" for name in names)


STUDY = Study(
    name="cookbook",
    title="Projectors, views, batches, families and ranks",
    source="Balestriero et al. 2023, A Cookbook of Self-Supervised Learning",
    cell=cell,
    claims=(*claims("clutter"), *claims("cifar", real="cifar10/cifar10_jpeg.tar.gz")),
    scales={
        "smoke": Setting(
            conditions=_in("clutter", BASICS),
            seeds=1,
            seconds_per_cell=2,
            options={"clutter": {"rows": 160, "test": 80, "epochs": 1, "batch": 32}},
        ),
        "laptop": Setting(
            conditions=_in("clutter", BASICS),
            real_conditions=_in("cifar", SHORT),
            # What collapses does so soon, and gets its five seeds; the rest is a pilot.
            once=(*_in("clutter", ["simclr", "no-projector"]), *_in("cifar", SHORT)),
            seeds=5,
            processes=2,
            seconds_per_cell=46,
            options={"clutter": {"rows": 2000, "epochs": 6}, "cifar": {"rows": 5000, "test": 3000, "epochs": 7}},
        ),
        "overnight": Setting(
            conditions=_in("clutter", SHORT),
            real_conditions=_in("cifar", list(CONDITIONS)),
            seeds=5,
            processes=2,
            seconds_per_cell=168,
            options={"clutter": {"rows": 5000, "epochs": 16}, "cifar": {"rows": 10000, "epochs": 10}},
        ),
        "gpu": Setting(
            conditions=_in("clutter", BASICS),
            real_conditions=_in("cifar", SHORT),
            seeds=1,
            seconds_per_cell=40,
            options={"clutter": {"rows": 6000, "epochs": 30}, "cifar": {"rows": 45000, "epochs": 5}},
        ),
    },
)
