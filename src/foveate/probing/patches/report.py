"""The page of the task ``patches``: mean IoU beside its controls and its ceiling, class by class, and what it looks like."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from foveate.core import stats
from foveate.core.address import brief
from foveate.measures.segmentation import iou, mean_iou
from foveate.probing.patches import truth
from foveate.probing.patches.measure import TOKENS, Mapped
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.galleries import picture
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Column, Exhibit, Gallery, Section, Table, Text

_LABELS = {"linear": "linear", "knn": "kNN"}
_CONTROLS = ("untrained", "pixels", "position")
_COLOURS = np.array(
    [[235, 235, 235], [0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233], [213, 94, 0], [120, 94, 240]], np.uint8
)  # fmt: skip


def write(found: Mapped) -> Report:
    """The report."""
    config, described = found.config, found.encoder.describe()
    linear = found.scores["linear"].miou
    report = Report(
        "probe",
        f"What stands where: {brief(config.encoder)} on the masks of {brief(config.data)}",
        answer=f"Mean IoU {interval(linear._asdict())} by a linear readout of each token"
        + (f"; its untrained twin {number(found.scores['linear.untrained'].miou.value)}, position alone "
           f"{number(found.scores['linear.position'].miou.value)}" if config.controls else "")
        + f"; patches of this size allow {number(found.scores['ceiling'].miou.value)}.",
        inputs={
            "encoder": {key: described[key] for key in ("address", "parameters", "width", "fingerprint")}
            | {"tap": found.tap},
            "train": {"address": config.data, "rows": len(found.train.rows), "classes": len(found.names)},
            "test": {"address": config.test or config.data, "rows": len(found.test.rows), "how": found.pair.how},
        },
        config=config,
    )  # fmt: skip
    chance = found.scores["constant"].miou.value
    for method, label in _LABELS.items():
        report.metric(f"{method}.miou", found.scores[method].miou, chance=chance)
        controls = {}
        for name in _CONTROLS:
            if (key := f"{method}.{name}") in found.scores:
                report.metric(key, found.scores[key].miou, chance=chance)
                controls[name] = key
        report.headline(f"{method}.miou", f"{label} mean IoU at {found.tap}", controls=controls)
    report.metric("ceiling.miou", found.scores["ceiling"].miou, chance=chance)
    if config.controls:
        report.metric("linear.gain", _gain(found))
    for id, reason in found.unreadable:
        report.skip(id, reason)
    report.section(_scores(found, chance))
    report.section(_classes(found))
    report.section(_pictures(found))
    report.section(_method(found))
    return report


def _gain(found: Mapped) -> Any:
    """Mean IoU less that of the untrained twin; both on the same resampled images."""
    pairs = np.stack([found.scores["linear"].each, found.scores["linear.untrained"].each], axis=1)
    return stats.cluster_bootstrap(pairs, None, lambda x: mean_iou(x[:, 0]) - mean_iou(x[:, 1]), draws=1000)


def _scores(found: Mapped, chance: float) -> Section:
    points, rows = [], []
    for method, label in _LABELS.items():
        for name in ("trained", *_CONTROLS):
            score = found.scores.get(method if name == "trained" else f"{method}.{name}")
            if score is not None:
                points.append(Point.of(label, score.miou, name))
                rows.append([label, name, score.miou, score.setting])
    rows.append(["each patch's own majority", "masks", found.scores["ceiling"].miou, ""])
    chart = charts.intervals(
        points,
        value="mean IoU on the test images",
        chance=chance,
        domain=(0.0, 1.0),
        alt="Mean IoU of the linear and the kNN readout of tokens, on the encoder and on its controls.",
        caption="The encoder and what explains nothing: fresh weights, the patch's own pixels, its position.",
    )
    table = Table(
        ["readout", "of", "mean IoU", Column("setting", "code")], rows, caption="Scores behind the chart.", id="scores"
    )
    blocks: list[Any] = [chart, table]
    if not found.config.controls:
        blocks.append(
            Text("Controls were left out (--no-controls): nothing says what the figures owe to training.", "warning")
        )
    return Section("Mean IoU and its controls", blocks)


def _classes(found: Mapped) -> Section:
    scores = {name: iou(found.scores[name].each.sum(0)) for name in ("linear", "knn", "ceiling")}
    pixels = np.bincount(found.test.maps[found.test.maps >= 0].ravel(), minlength=len(found.names))
    rows = [
        [
            name,
            *(number(float(scores[key][code])) for key in scores),
            number(float(pixels[code] / max(pixels.sum(), 1))),
        ]
        for code, name in enumerate(found.names)
        if pixels[code]
    ]
    table = Table(
        ["class", "linear", "kNN", "ceiling", "share of pixels"],
        rows,
        caption="IoU by class, all test images together.",
        id="classes",
    )
    return Section("By class", [table])


def _pictures(found: Mapped) -> Section:
    from foveate.data.decode import Reader

    size = found.encoder.preprocess.size
    shown = [int(row) for row in found.test.rows[: len(found.predicted)]]
    pixels = {image.row: image.pixels for image in Reader(found.pair.test, rows=shown, max_unreadable=1.0)}
    exhibits = []
    for place, row in enumerate(shown):
        said = truth.spread(found.predicted[place], found.grid, size)
        pictures = [
            picture(found.encoder.preprocess.crop(pixels[row]), caption="image", side=160),  # type: ignore[arg-type]
            picture(_painted(found.test.maps[place]), caption="mask", side=160),
            picture(_painted(said), caption="read by the linear probe", side=160),
        ]
        exhibits.append(Exhibit(found.test.ids[place], pictures))
    return Section(
        "What it looks like", [Gallery(exhibits, id="maps")], "The first test images, as the network sees them."
    )


def _painted(classes: Int[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """A colour for each class; black where there is none."""
    ring = 1 + (classes - 1) % (len(_COLOURS) - 1)
    colours = _COLOURS[np.where(classes > 0, ring, 0)]
    return np.where((classes < 0)[..., None], 0, colours).astype(np.uint8)


def _method(found: Mapped) -> Section:
    text = (
        f"Tokens at {found.tap}, a map of {found.grid[0]} × {found.grid[1]}. A token's class is that of most of its patch's pixels; readouts are fitted on "
        f"{found.tokens:,} training tokens (at most {TOKENS:,}, drawn from all). Linear: logistic regression on standardised tokens, its strength by mean IoU on the tokens of a "
        f"fifth of the training images. kNN: cosine, {found.config.k} neighbours, each weighing exp(similarity / 0.07). Every pixel of a patch is given "
        "its patch's class and compared with the mask, which is resized and cropped as the image is. IoU is that of all test images' pixels together, "
        "the mean over classes; intervals are a bootstrap over images.\n\n"
        "Untrained: the same architecture with fresh weights. Pixels: the patch's own colours at 4 × 4 places. Position: which patch it is, and nothing else. "
        "Ceiling: each test patch's own majority. Chance: the most frequent class everywhere. "
        f"{found.pair.how}."
    )
    return Section("How it was measured", [Text(text)])
