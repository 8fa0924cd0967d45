"""What is trained: each condition is SimCLR on a small residual net (recipe laptop-32), with what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a condition changes.

    Attributes:
        settings: fields of ``Pretrain``. passes: of the epochs, where a step costs more or less than the baseline's.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    passes: float = 1.0


def _simclr(*knobs: str, passes: float = 1.0, **settings: Any) -> Condition:
    return Condition(settings={"set": knobs, **settings}, passes=passes)


def _other(objective: str, *knobs: str, passes: float = 1.0, **settings: Any) -> Condition:
    return Condition(settings={"objective": objective, "set": knobs, **settings}, passes=passes)


_MSN = ("mask=0", "momentum=0.96", "prototypes=64")
GRID = {
    f"batch-{batch}-lr-{rate:g}": _simclr(batch=batch, lr=rate, lr_rule="none")
    for batch in (32, 512)
    for rate in (1e-3, 3e-3, 1e-2)
}
"""The learning rate tuned for a small and for a large batch."""
TRANSFORMERS = {
    "vit-simclr": _simclr(encoder="foveate:vit-mini", lr=1.5e-3, passes=0.25),
    "vit-mae": _other("mae", passes=0.25),
}
CONDITIONS: dict[str, Condition] = {
    "simclr": _simclr(),
    "no-projector": _simclr("projector="),
    "linear-projector": _simclr("projector=128"),
    "deep-projector": _simclr("projector=512,512,128"),
    "temperature-1": _simclr("temperature=1"),
    "batch-32": _simclr(batch=32),
    "batch-32-unscaled": _simclr(batch=32, lr_rule="none"),
    # Four crops of half the side have the pixels of one more view.
    "multi-crop": _simclr("crops=4", "crop_size=16", passes=2 / 3),
    "crop-gray": _simclr("views=crop-gray"),
    "crop": _simclr("views=crop"),
    "barlow": _other("barlow"),
    "barlow-narrow": _other("barlow", "projector=1024,1024,64"),
    "vicreg": _other("vicreg"),
    "vicreg-no-variance": _other("vicreg", "variance=0"),
    "byol": _other("byol"),
    "byol-fast": _other("byol", "teacher=none", "predictor_rate=10"),
    "byol-nothing": _other("byol", "teacher=none", "predictor=none"),
    "msn-tail": _other("msn", *_MSN, class_skew=100.0, encoder="foveate:resnet9"),
    "pmsn-tail": _other("msn", *_MSN, "prior=0.25", class_skew=100.0, encoder="foveate:resnet9"),
    "rotation": _other("rotation"),
    "autoencoder": _other("autoencoder"),
    **GRID,
    **TRANSFORMERS,
}
