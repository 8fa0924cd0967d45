"""A report with every kind of block in it, as rich as a real one: the planted material of this room's tests."""

from __future__ import annotations

import numpy as np

from foveate.core.estimate import Estimate
from foveate.core.findings import Control, Finding, Metric
from foveate.core.seeds import numpy_stream
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.galleries import picture
from foveate.reporting.record import Report
from foveate.reporting.sections import Column, Exhibit, Gallery, Section, Table, Text, Verdict

CLASSES = ("dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt")
TAPS = tuple(f"blocks.{index}:mean" for index in range(12))
ENVIRONMENT = {
    "python": "3.11.7",
    "platform": "Linux-6.8-x86_64",
    "processors": 2,
    "versions": {"foveate": "0.1.0", "torch": "2.15.0", "timm": "1.0.31"},
    "git": {"commit": "0123456789abcdef", "dirty": False},
}


def rich(title: str = "What a small ViT knows of clothing") -> Report:
    """Every block type, findings of each verdict, skipped rows, headlines with controls."""
    report = Report(
        "probe",
        title,
        answer="A linear head on `blocks.7:mean` reads .871 of ten kinds of clothing, .611 more than on its untrained "
        "twin; the last block reads less.",
        inputs={
            "encoder": {"address": "local-dir:encoders/vit-small-14", "fingerprint": "8c2f61d0", "width": 384},
            "data": {"address": "folder:clothing10/train", "images": 1280, "classes": 10},
            "test": {"address": "folder:clothing10/test", "images": 360},
        },
        config={"taps": list(TAPS), "seed": 0, "device": "auto", "optimiser": {"name": "lbfgs", "tolerance": 1e-6}},
        command="foveate probe local-dir:encoders/vit-small-14 folder:clothing10/train --test folder:clothing10/test "
        "--taps 'blocks.*:mean' --out runs/vit",
        environment=ENVIRONMENT,
        created="2026-11-24T10:12:00Z",
    )
    _metrics(report)
    _findings(report)
    report.skip("train/hat/0c1d.jpg", "truncated JPEG: 1,204 of 52,110 bytes")
    report.skip("imbalance", "needs real files: FOVEATE_REAL_DATA is not set")
    for section in (_layers(), _classes(), _similarity(), _leaks()):
        report.section(section)
    return report


def _metrics(report: Report) -> None:
    linear, knn = _by_layer()
    for index, tap in enumerate(TAPS):
        report.metric(f"linear.accuracy@{tap}", _estimate(linear[index]), chance=0.1)
        report.metric(f"knn.accuracy@{tap}", _estimate(knn[index]), chance=0.1)
    report.metric("linear.untrained@blocks.7:mean", Estimate(0.26, 0.217, 0.308, 360), chance=0.1)
    report.metric("linear.pixels", Estimate(0.347, 0.3, 0.398, 360), chance=0.1)
    report.metric("linear.shuffled", Estimate(0.094, 0.068, 0.129, 360), chance=0.1)
    report.metric("rankme.rank@blocks.7:mean", Estimate(141.2, 133.0, 149.6, 1280))
    report.metric("dejavu.score", Estimate(0.012, -0.004, 0.028, 1280), chance=0.0)
    report.metric("alignment.score/class=none", Estimate(float("nan"), 0.0, 1.0, 0))
    controls = {"untrained twin": "linear.untrained@blocks.7:mean", "pixels": "linear.pixels"}
    report.headline("linear.accuracy@blocks.7:mean", "Linear probe at blocks.7", controls=controls)
    report.headline("knn.accuracy@blocks.7:mean", "kNN, k = 20, at blocks.7", controls={"pixels": "linear.pixels"})
    report.headline("linear.accuracy@blocks.11:mean", "Linear probe at the last block", controls=controls)
    report.headline("dejavu.score", "déjà vu score", better="lower")


def _findings(report: Report) -> None:
    def add(id: str, claim: str, verdict, value: float | None, low: float | None, high: float | None, note: str = ""):
        control = Control("untrained twin", 0.004, -0.021, 0.029)
        report.finding(
            Finding(id, claim, "Objectives Matter, figure 4", "paired difference in accuracy", value, low, high, 360,
                    "images", 0.0, 0.05, control, verdict, note)
        )  # fmt: skip

    add("middle", "A middle block reads better than the last one.", "reproduced", 0.092, 0.058, 0.126)
    add("cls", "The class token reads better than the mean over patches.", "not reproduced", -0.008, -0.031, 0.014)
    add("shot", "With one image a class, the gap between encoders closes.", "inconclusive", 0.031, -0.02, 0.081)
    add("seeds", "Five seeds agree on the order.", "inconclusive", None, None, None, "undertrained: the gain is < .05")


def _by_layer() -> tuple[np.ndarray, np.ndarray]:
    depth = np.arange(12)
    linear = 0.42 + 0.451 * np.exp(-(((depth - 7) / 5.2) ** 2))
    knn = 0.36 + 0.455 * np.exp(-(((depth - 7.4) / 4.6) ** 2))
    return linear, knn


def _estimate(value: float, spread: float = 0.035) -> Estimate:
    return Estimate(float(value), float(value - spread), float(min(1, value + spread * 0.9)), 360)


def _layers() -> Section:
    linear, knn = _by_layer()
    points = [
        Point.of(tap, _estimate(values[index]), name)
        for name, values in (("linear", linear), ("kNN", knn), ("untrained", 0.24 + 0.02 * np.sin(np.arange(12))))
        for index, tap in enumerate(TAPS)
    ]
    chart = charts.lines(
        points,
        x="tap",
        y="accuracy",
        chance=0.1,
        alt="Accuracy by layer: it rises to block 7 and falls after; the untrained twin stays near .24.",
        caption="Accuracy on 360 test images by tap, bands are 95 % intervals (Wilson).",
        id="by-layer",
    )
    table = Table(
        [Column("tap", "code"), "linear", "kNN", Column("gain over untrained"), Column("width", note="features")],
        [
            [tap, _estimate(linear[i]), _estimate(knn[i]), _estimate(linear[i] - 0.26, 0.05), 384]
            for i, tap in enumerate(TAPS)
        ],
        "Accuracy by tap; chance is .100.",
        "by-layer",
    )
    return Section(
        "Accuracy by layer",
        [
            Text(
                "Every head was chosen on held-out rows of train; the test rows were read once. `:mean` is the mean "
                "over patches.\n\nTwo test images also stand in train, by their thumbnails; without them nothing changes."
            ),
            chart,
            table,
        ],
        "What can be read off rises to block 7 and is partly lost again after it.",
    )


def _classes() -> Section:
    rng = numpy_stream(0, "example", "classes")
    scores = np.sort(rng.uniform(0.62, 0.97, len(CLASSES)))[::-1]
    points = [Point.of(name, _estimate(score, 0.07), "target") for name, score in zip(CLASSES, scores, strict=True)]
    points += [
        Point.of(name, _estimate(score * 0.42, 0.08), "pixels") for name, score in zip(CLASSES, scores, strict=True)
    ]
    shots = [Point.of(k, _estimate(0.35 + 0.15 * np.log10(k), 0.04), "target") for k in (1, 2, 5, 10, 20, 50, 100)]
    return Section(
        "Class by class",
        [
            charts.intervals(
                points, value="recall", chance=0.1, domain=(0, 1), alt="Recall by class.", caption="Recall by class, n 36 each."
            ),
            charts.bars(
                points[:5] + points[10:15], x="class", y="recall", chance=0.1, alt="Recall of five classes.",
                caption="The five easiest classes, beside what pixels alone give.",
            ),
            charts.lines(
                shots, x="images a class", y="accuracy", along="log", chance=0.1, alt="Accuracy by images a class.",
                caption="Low-shot accuracy over five seeds.",
            ),
        ],
    )  # fmt: skip


def _similarity() -> Section:
    depth = np.arange(12)
    similarity = np.exp(-((depth[:, None] - 0.85 * depth[None, :]) ** 2) / 26) * 0.97
    change = 0.5 * np.sin(depth[:6, None] / 2) * np.cos(depth[None, :6] / 2.5)
    names = [f"blocks.{index}" for index in depth]
    rng = numpy_stream(0, "example", "scatter")
    xs = rng.uniform(0.3, 0.9, 24)
    cloud = [Point(float(x), float(x + rng.normal(0, 0.05)), label=f"encoder {i}") for i, x in enumerate(xs)]
    return Section(
        "What two encoders share",
        [
            charts.heatmap(
                similarity, rows=names, columns=names, quantity="CKA", low=similarity - 0.02, high=similarity + 0.02,
                row_title="ViT-S/14", column_title="ViT-B/16", alt="Debiased linear CKA of every pair of layers.",
                caption="Debiased linear CKA over 2,000 images; hover for the jackknife interval.",
            ),
            charts.heatmap(
                change, rows=names[:6], columns=names[:6], quantity="change", domain=(-0.5, 0.5),
                row_title="before", column_title="after", alt="Change in CKA by fine-tuning.",
                caption="What fine-tuning changed.",
            ),
            charts.scatter(
                cloud, x="linear", y="kNN", diagonal=True, alt="kNN against linear accuracy.",
                caption="Twenty-four encoders: kNN follows the linear probe.",
            ),
        ],
        "The two run alike up to block 6 and part after it.",
    )  # fmt: skip


def _leaks() -> Section:
    images = [_scene(index) for index in range(16)]
    singles = [
        picture(
            images[i], caption=CLASSES[i % 10], note=f"score {0.9 - 0.05 * i:.2f}", boxes=[((9, 12, 60, 66), "crop")]
        )
        for i in range(7)
    ]
    digits = [picture(_scene(i, 32), caption=f"digit {i}", alt=f"a scanned digit {i}") for i in range(5)]
    rows = []
    for index in range(3):
        shown = [picture(images[index], box=(4, 50, 46, 92), group="member", caption="hat")]
        for name in ("target", "reference"):
            shown += [
                picture(images[index + 3 + n], group=f"neighbours, {name}", caption=CLASSES[(index * n) % 10])
                for n in range(4)
            ]
        rows.append(Exhibit(f"train/hat/{index:04d}.jpg", shown, f"target 5 of 5, reference {index} of 5"))
    return Section(
        "What it may remember",
        [
            Verdict("PASS", "The déjà vu score lies below .020.", ".012 [−.004, .028] over 1,280 crops."),
            Gallery([*singles, *digits], "Members by score; the crop that was shown is drawn in."),
            Gallery(rows, "From a corner crop alone, the target names the class."),
            Text("The upper end lies above the threshold: more members would decide it.", "warning"),
            Text("Neighbours are of the public set, which neither encoder was trained on.", "note"),
        ],
        "Little, on these images.",
    )


def _scene(seed: int, side: int = 96) -> np.ndarray:
    """A small picture with a figure on a ground: [side, side, 3] uint8."""
    rng = numpy_stream(seed, "example", "scene")
    y, x = np.mgrid[:side, :side] / side
    ground, figure, light = rng.uniform(60, 225, 3), rng.uniform(20, 240, 3), rng.uniform(0.2, 0.8, 2)
    shade = 1.15 - 0.6 * np.hypot(x - light[0], y - light[1])
    inside = np.abs(x - 0.5) ** 2.4 / rng.uniform(0.04, 0.1) + np.abs(y - 0.55) ** 2.4 / rng.uniform(0.06, 0.16) < 1
    image = np.where(inside[..., None], figure, ground) * shade[..., None] + rng.normal(0, 4, (side, side, 3))
    return np.clip(image, 0, 255).astype(np.uint8)


def small(verb: str = "probe", title: str = "Small", **metrics: Metric) -> Report:
    """A report of a few metrics, for joining; keys are written with ``__`` for the dot."""
    report = Report(verb, title, environment=ENVIRONMENT, created="2026-11-24T10:12:00Z", config={"seed": 0})
    for key, metric in metrics.items():
        report.metric(key.replace("__", "."), metric)
    return report
