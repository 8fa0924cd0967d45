"""What the study measures of one encoder: worlds never seen, what each factor costs, how far it moves the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from foveate.core.estimate import Estimate
from foveate.core.seeds import numpy_stream
from foveate.core.stats import cluster_bootstrap
from foveate.features.pixels import PIXEL_GRID, colours, small
from foveate.measures import logistic
from foveate.probing.config import Probe
from foveate.probing.factors import columns, geometry, heldout, table
from foveate.probing.factors.table import Table
from foveate.probing.readouts import C_GRID
from foveate.probing.rows import hold_out
from foveate.studies.pug.sets import rendered

Features = Mapping[str, np.ndarray]


def _exam(encoder: str, data: str, seed: int, *, held_out: str | None = None) -> tuple[Table, dict[str, np.ndarray]]:
    """Rows of the exam by factor, and source → features."""
    from foveate.encoders.load import load as load_encoder
    from foveate.engine.local import resolve_device
    from foveate.features.embed import embed

    config = Probe(encoder=encoder, data=data, task="factors", held_out=held_out, seed=seed)
    dataset = table.load(config)
    rows = table.build(dataset, config)
    device = resolve_device("auto")
    loaded = load_encoder(encoder, device=device, seed=seed)
    features = {"trained": embed(loaded, dataset, ("pooled",), device=device).array("pooled")}
    twin = loaded.untrained(seed)
    features["untrained"] = embed(twin, dataset, ("pooled",), device=device).array("pooled")
    features["pixels"] = colours(small(dataset, np.arange(len(rows))))
    return rows, features


def worlds(encoder: str, seed: int, options: Mapping[str, Any]) -> dict[str, float]:
    """(a) Accuracy on held-out worlds: after training on the most worlds less after one, at the same number of pictures."""
    rows, features = _exam(encoder, rendered("worlds", seed, options), seed, held_out="world")
    factor, _ = heldout.choose(rows, "world")
    assert factor is not None
    found = heldout.measure(features, rows, factor, seed=seed)
    assert found is not None, "every world has pictures of several classes"
    shuffled = replace(rows, labels=numpy_stream(seed, "shuffled").permutation(rows.labels))
    control = heldout.measure({"trained": features["trained"]}, shuffled, factor, seed=seed)
    assert control is not None
    most = max(found.curve["trained"])
    return {
        **flat("gain", found.gain["trained"]),
        **flat("pixels_gain", found.gain["pixels"]),
        **flat("shuffled_gain", control.gain["trained"]),
        "over_untrained": found.curve["trained"][most].value - found.curve["untrained"][most].value,
        "accuracy_one": found.curve["trained"][1].value,
        "accuracy_most": found.curve["trained"][most].value,
        "held": float(len(found.held)),
    }


def factors(encoder: str, seed: int, options: Mapping[str, Any]) -> dict[str, float]:
    """(b) What each factor costs, and (d) how far each moves the features."""
    train, known = _exam(encoder, rendered("worlds", seed, options), seed)
    rows, features = _exam(encoder, rendered("factors", seed, options), seed)
    changes = _changes(train, known, rows, features, seed)
    values: dict[str, float] = {}
    for name in ("camera_roll", "material"):
        values |= flat(name, _harm(changes, name, "size", seed)) | flat(
            f"{name}_control", _harm(changes, name, "size", seed, mixed=True)
        )
    distance = {}
    for name in ("world", "light"):
        moved = geometry.move(features, rows.factors[name], rows, seed=seed)
        assert moved is not None, f"pictures differ in {name} alone"
        distance[name] = moved.distance
    values |= flat("apart", _less(distance["world"]["trained"], distance["light"]["trained"]))
    values |= flat("apart_control", _permuted_apart(features["trained"], rows, seed))
    return values


def _changes(train: Table, known: Features, rows: Table, features: Features, seed: int) -> list[tuple[Any, ...]]:
    """One row for each varied picture: factor, asset, loss of the right answer (trained, pixels), and change of the pixels.

    The classifiers are trained on the other set's individuals, in their own materials. The loss is of the probability of the right class, from the default
    view of the same asset to the picture.
    """
    assert rows.varied is not None
    place = {name: code for code, name in enumerate(train.names)}
    truth = np.array([place[rows.names[code]] for code in rows.labels])
    material = train.factors["material"]
    own = np.flatnonzero(material.codes == material.names.index("own"))
    fit, held = (own[part] for part in hold_out(train.labels[own], seed=seed))
    right = {}
    for source, grid in (("trained", C_GRID), ("pixels", PIXEL_GRID)):
        model = _likely(known[source], train.labels, fit, held, grid)
        right[source] = np.asarray(model.scores(features[source]))[np.arange(len(rows)), truth]
    pixels = colours(small(rows.dataset, np.arange(len(rows)))) / 255
    asset = columns.field(rows.dataset, "asset")
    assert asset is not None
    varied = np.array(rows.varied)
    usual = {int(asset.exact[row]): row for row in np.flatnonzero(varied == "default")}
    made = []
    for row in np.flatnonzero(varied != "default"):
        default = usual.get(int(asset.exact[row]))
        if default is not None:
            lost = [right[source][default] - right[source][row] for source in ("trained", "pixels")]
            made.append(
                (varied[row], int(asset.exact[row]), *lost, float(np.abs(pixels[row] - pixels[default]).mean()))
            )
    return made


def _likely(
    x: np.ndarray, y: np.ndarray, fit: np.ndarray, held: np.ndarray, grid: Sequence[float]
) -> logistic.LogisticModel:
    """The classifier whose probabilities the held rows are likeliest under. By accuracy, settings that are all right in nearly
    every row would tie, and the softest of them hardly moves its probabilities whatever is changed."""

    def likelihood(model: logistic.LogisticModel) -> float:
        own = np.asarray(model.scores(x[held]))[np.arange(len(held)), y[held]]
        return float(np.log(np.maximum(own, 1e-9)).mean())

    classes = int(y.max()) + 1
    return max((logistic.fit(x[fit], y[fit], classes, (C,)) for C in grid), key=likelihood)


def _harm(changes: Sequence[Any], factor: str, other: str, seed: int, *, mixed: bool = False) -> Estimate:
    """Loss beyond the pixel baseline's, per tenth of pixel change, of one factor less that of another; over assets.

    ``mixed`` deals the factors' names out anew among an asset's pictures: then the truth is 0.
    """
    chosen = [one for one in changes if one[0] in (factor, other)]
    assets = np.array([one[1] for one in chosen])
    is_first = np.array([one[0] == factor for one in chosen])
    if mixed:
        random = numpy_stream(seed, "mixed", factor)
        for asset in np.unique(assets):
            mine = np.flatnonzero(assets == asset)
            is_first[mine] = is_first[random.permutation(mine)]
    numbers = np.array([[one[2] - one[3], one[4]] for one in chosen])

    def statistic(table: np.ndarray) -> float:
        first = table[:, 2] > 0
        rates = [table[part, 0].sum() / max(10 * table[part, 1].sum(), 1e-9) for part in (first, ~first)]
        return float(rates[0] - rates[1])

    return cluster_bootstrap(np.column_stack([numbers, is_first]), assets, statistic, seed=seed)


def _less(a: Estimate, b: Estimate) -> Estimate:
    """a − b as if independent. They share the default views, whose share of the error cancels: the interval is rather too wide."""
    half = ((a.high - a.low) ** 2 + (b.high - b.low) ** 2) ** 0.5 / 2
    value = a.value - b.value
    return Estimate(value, value - half, value + half, min(a.n, b.n))


def _permuted_apart(features: Any, rows: Any, seed: int) -> Estimate:
    """The same difference where features are dealt out to other pictures: all pairs are random pairs, and it is 0."""
    mixed = {"trained": features[numpy_stream(seed, "permuted").permutation(len(features))]}
    found = [geometry.move(mixed, rows.factors[name], rows, seed=seed) for name in ("world", "light")]
    assert found[0] is not None
    assert found[1] is not None
    return _less(found[0].distance["trained"], found[1].distance["trained"])


def flat(name: str, estimate: Estimate) -> dict[str, float]:
    return {
        name: estimate.value,
        f"{name}_low": estimate.low,
        f"{name}_high": estimate.high,
        f"{name}_n": float(estimate.n),
    }
