"""The visible lists of the pretraining room. Imports nothing heavy."""

from __future__ import annotations

from foveate.core.registry import Registry

OBJECTIVES = Registry(
    "objective",
    {
        "simclr": "foveate.pretraining.objectives.simclr:SimCLR",
        "vicreg": "foveate.pretraining.objectives.vicreg:VICReg",
        "supervised": "foveate.pretraining.objectives.supervised:Supervised",
    },
)

RECIPES = Registry(
    "recipe",
    {
        "laptop-32": "foveate.pretraining.recipes:laptop_32",
    },
)
