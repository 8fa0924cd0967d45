"""What the fields of a run's log are called: the loop's and the monitors' own, and, by any other name, the terms of an objective."""

from __future__ import annotations

from collections.abc import Iterable

from foveate.core.errors import FoveateError

_OF_RUN = {
    *("event", "time", "epoch", "step", "loss", "lr", "weight_decay", "momentum", "images_per_second", "seconds_left"),
    *("diagnosis", "layer_std", "looked"),
}
_OF_LOOK = {
    *("rankme", "directions", "std", "spread", "width", "uniformity", "dead", "zeros", "spectrum"),
    *("knn", "linear", "lidar", "alignment", "colour"),
}
"""Of each layer that is looked at: ``knn`` of the backbone, ``knn_projector.0`` behind it."""
_OF_STEP = {
    *("batch_std", "batch_spread", "batch_alignment", "batch_uniformity", "agreement", "target_std"),
    *("assignment_entropy", "prototypes_used", "prototypes", "probe", "probe_train"),
    *("gradient_norm", "gradient_spikes", "gradient_peak"),
    *("fallen_std", "fallen_spread", "first_spread", "risen_loss"),
    *(
        "knn_start",
        "knn_best",
        "knn_among",
        "knn_among_start",
        "among",
        "colour_start",
        "same_batch",
        "same_batch_chance",
    ),
}


def is_term(key: str) -> bool:
    """Whether a field of an epoch's line is a term of the objective's own, rather than the loop's or a monitor's."""
    known = key in _OF_RUN or key in _OF_STEP or key.startswith("recent_")
    return not known and key.partition("_projector")[0] not in _OF_LOOK


def check_terms(terms: Iterable[str]) -> None:
    """Refuse terms that would stand in the log as something else. ``momentum`` is theirs to tell."""
    for name in terms:
        if name != "momentum" and not is_term(name):
            raise FoveateError(
                f"the objective's term {name!r} bears a name of the loop's or a monitor's.",
                "give the term another name",
            )
