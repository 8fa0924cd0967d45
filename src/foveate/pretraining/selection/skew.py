"""``--class-skew``: some classes are drawn more often than others, or all alike though the images are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foveate.core.errors import FoveateError
from foveate.training.order import Order, draws_by_class, skewed

if TYPE_CHECKING:
    from foveate.pretraining.config import Pretrain
    from foveate.pretraining.material import Material

_SHOWN = 10


def order_of(material: Material, s: Pretrain) -> Order | None:
    """How an epoch goes through the training images; None: every one once.

    Raises:
        FoveateError: there are no labels, fewer than two classes, or fewer images than classes to draw.
    """
    if s.class_skew is None:
        return None
    labels = None if material.labels is None else material.labels[material.train]
    count = 0 if labels is None else len(labels.unique())
    if labels is None or count < 2:
        raise FoveateError(
            f"--class-skew draws by class, and {s.data} has {'no labels' if labels is None else 'one class'}.",
            "leave it out, or use class folders or a label column",
        )
    return skewed(material.train, labels, s.class_skew, s.seed)


def draws(material: Material, s: Pretrain) -> dict[str, str]:
    """For the report: draws of an epoch by class, the largest first."""
    if s.class_skew is None or material.labels is None:
        return {}
    counts = draws_by_class(material.labels[material.train], s.class_skew, s.seed)
    named = [f"{material.classes[label]} {count:,}" for label, count in counts.items()]
    middle = ["…"] if len(named) > _SHOWN else []
    shown = named if not middle else [*named[: _SHOWN // 2], *middle, *named[-_SHOWN // 2 :]]
    return {"draws an epoch": ", ".join(shown)}
