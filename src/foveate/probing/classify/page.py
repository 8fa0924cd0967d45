"""The sections of a probe's page."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.core import stats
from foveate.features.pixels import PIXEL_GRID, originals
from foveate.probing.classify.measure import Probed
from foveate.probing.gain import accuracy
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.galleries import picture
from foveate.reporting.numbers import interval, number
from foveate.reporting.sections import Block, Column, Exhibit, Gallery, Section, Table, Text

LABELS = {"knn": "kNN", "linear": "linear", "mlp": "MLP"}
CONTROLS = ("untrained", "pixels", "shuffled")
_MISTAKES, _NEIGHBOURS = 12, 5


def answer(found: Probed) -> str:
    """The result in one sentence."""
    knn, linear = (accuracy(found.readouts[key]) for key in ("knn", "linear"))
    text = f"Linear {interval(linear._asdict())} and kNN {interval(knn._asdict())}"
    if "linear.untrained" in found.controls:
        text += f"; its untrained twin {number(accuracy(found.controls['linear.untrained']).value)}"
        text += f" and {number(accuracy(found.controls['knn.untrained']).value)}"
    doubles = (
        f" {len(found.overlap):,} of the {len(found.rows.test):,} test rows also stand in train."
        if len(found.overlap)
        else ""
    )
    return f"{text}; chance {number(found.chance)}.{doubles}"


def accuracies(found: Probed) -> Section:
    rows: list[list[Any]] = []
    points: list[Point] = []
    for method, label in LABELS.items():
        if method not in found.readouts:
            continue
        entries = [("trained", found.readouts[method])]
        entries += [
            (name, found.controls[f"{method}.{name}"]) for name in CONTROLS if f"{method}.{name}" in found.controls
        ]
        read = [(name, accuracy(answers), answers.setting) for name, answers in entries]
        if method in found.shuffled:
            read.append(("shuffled", found.shuffled[method][0], "training labels permuted"))
        points += [Point.of(label, estimate, name) for name, estimate, _ in read]
        rows += [[label, *row] for row in read]
    chart = charts.intervals(
        points,
        value="accuracy on the test rows",
        chance=found.chance,
        domain=(0.0, 1.0),
        alt="Accuracy of each probe on the encoder, its untrained twin, pixels and shuffled labels.",
        caption="The encoder and what explains nothing: the same network with fresh weights, bare pixels, permuted labels.",
    )
    table = Table(
        ["probe", "on", "accuracy", Column("setting", "code")],
        rows,
        caption="Accuracies behind the chart.",
        id="accuracies",
    )
    blocks: list[Block] = [chart, table]
    if not found.controls:
        blocks.append(
            Text("Controls were left out (--no-controls): nothing says what the figures owe to training.", "warning")
        )
    return Section("Accuracy and its controls", blocks, answer(found))


def layers(found: Probed) -> Section:
    points = [Point.of(tap, accuracy(knn), "kNN") for tap, (knn, _) in found.sweep.items()]
    points += [Point.of(tap, accuracy(ridge), "ridge") for tap, (_, ridge) in found.sweep.items()]
    chart = charts.lines(
        points,
        x="tap",
        y="accuracy on the test rows",
        chance=found.chance,
        alt="Accuracy of kNN and ridge at each tap.",
    )
    rows = [
        [tap, accuracy(knn), accuracy(ridge), interval(found.rankme[tap]._asdict(), digits=1)]
        for tap, (knn, ridge) in found.sweep.items()
    ]
    caption = "Accuracy by tap, and RankMe: how many directions the features of the training images use."
    table = Table([Column("tap", "code"), "kNN", "ridge", "RankMe"], rows, caption=caption, id="layers")
    best = max(found.sweep, key=lambda tap: accuracy(found.sweep[tap][1]).value)
    lead = (
        f"Ridge reads best at {best} ({number(accuracy(found.sweep[best][1]).value)}). The best of several taps is an upper "
        "figure: fix the tap on other rows before quoting it."
    )
    return Section("Layer by layer", [chart, table], lead)


def few_labels(found: Probed) -> Section:
    full = accuracy(found.readouts["linear"])
    points = [Point.of(float(one.shots), one.mean, "low-shot") for one in found.shots]
    blocks: list[Block] = []
    if len(points) > 1:
        blocks.append(
            charts.lines(
                points,
                x="labelled images a class",
                y="accuracy on the test rows",
                chance=found.chance,
                along="log",
                alt="Low-shot accuracy against the number of labelled images a class.",
                caption="The mean over draws of the labelled images, with Student's interval over draws.",
            )
        )
    rows = [[one.shots, one.mean, number(min(one.accuracies)), number(max(one.accuracies))] for one in found.shots]
    blocks.append(
        Table(
            ["images a class", "mean accuracy", "worst draw", "best draw"],
            rows,
            caption="Low-shot probe.",
            id="low-shot",
        )
    )
    last = found.shots[-1]
    lead = (
        f"With {last.shots} labelled image{'s' if last.shots > 1 else ''} a class {number(last.mean.value)}, with all "
        f"{len(found.rows.train):,} {number(full.value)}."
    )
    return Section("With few labels", blocks, lead)


def classes(found: Probed) -> Section:
    labels, linear, knn = found.rows.test, found.readouts["linear"], found.readouts["knn"]
    present = np.unique(labels).tolist()
    rows = [
        [
            found.names[label],
            accuracy(linear, labels == label),
            accuracy(knn, labels == label),
            int((found.rows.train == label).sum()),
            int((labels == label).sum()),
        ]
        for label in present
    ]
    table = Table(
        ["class", "linear", "kNN", "training images", "test images"], rows, caption="Accuracy by class.", id="classes"
    )
    blocks: list[Block] = [table]
    pairs = np.stack([labels[~linear.right], linear.predicted[~linear.right]], axis=1)
    if len(pairs):
        kinds, counts = np.unique(pairs, axis=0, return_counts=True)
        top = np.argsort(-counts, kind="stable")[:12].tolist()
        confused = [
            [found.names[kinds[i][0]], found.names[kinds[i][1]], int(counts[i]),
             stats.wilson(int(counts[i]), int((labels == kinds[i][0]).sum()))]
            for i in top
        ]  # fmt: skip
        blocks.append(
            Table(
                ["is", "read as", "test images", "share of its class"],
                confused,
                caption="What is confused most (linear).",
                id="confusions",
            )
        )
    values = {label: accuracy(linear, labels == label).value for label in present}
    worst, best = min(values, key=values.__getitem__), max(values, key=values.__getitem__)
    lead = f"Best {found.names[best]} ({number(values[best])}), worst {found.names[worst]} ({number(values[worst])}); linear."
    return Section("By class", blocks, lead)


def mistakes(found: Probed) -> Section:
    linear, knn = found.readouts["linear"], found.readouts["knn"]
    wrong = np.flatnonzero(~linear.right)
    order = wrong[np.argsort(-linear.confidence[wrong], kind="stable")][:_MISTAKES].tolist()
    assert knn.neighbours is not None
    near = {row: knn.neighbours[row, :_NEIGHBOURS].tolist() for row in order}
    tests = originals(found.pair.test, found.test.rows, order)
    trains = originals(found.pair.train, found.train.rows, [row for rows in near.values() for row in rows])
    exhibits = []
    for row in order:
        truth, said = found.names[found.rows.test[row]], found.names[linear.predicted[row]]
        pictures = [picture(tests[row], caption=f"is {truth}", note=f"read as {said}", group="test image", side=144)]
        pictures += [
            picture(trains[i], caption=found.names[found.rows.train[i]], group="nearest training images", side=112)
            for i in near[row]
        ]
        exhibits.append(
            Exhibit(found.test.ids[row], pictures, note=f"confidence {number(float(linear.confidence[row]), 2)}")
        )
    lead = f"The {len(exhibits)} of {len(wrong):,} errors that the linear probe is surest of: wrong labels often stand here."
    return Section("Most confident mistakes", [Gallery(exhibits, id="mistakes")], lead)


def overlap(found: Probed) -> Section:
    overlap = found.overlap
    if not len(overlap):
        lead = f"None of the {len(found.rows.test):,} test rows has the bytes or the thumbnail of a training row."
        return Section("Test rows that also stand in train", [], lead)
    keep = ~overlap.rows
    rows = [[LABELS[m], accuracy(a), accuracy(a, keep)] for m, a in found.readouts.items()]
    table = Table(
        ["probe", "all test rows", "without them"], rows, caption="What they add to the accuracy.", id="without-overlap"
    )
    shown = overlap.matches[:_MISTAKES]
    tests = originals(found.pair.test, found.test.rows, [match.test for match in shown])
    trains = originals(found.pair.train, found.train.rows, [match.train for match in shown])
    exhibits = [
        Exhibit(
            found.test.ids[match.test],
            [
                picture(tests[match.test], caption=found.names[found.rows.test[match.test]], group="test", side=112),
                picture(
                    trains[match.train],
                    caption=found.names[found.rows.train[match.train]],
                    note=found.train.ids[match.train],
                    group="train",
                    side=112,
                ),
            ],
            note=f"same {match.how}",
        )
        for match in shown
    ]
    names = Table(
        [Column("test row", "code"), Column("training row", "code"), "same"],
        [[found.test.ids[match.test], found.train.ids[match.train], match.how] for match in overlap.matches[:200]],
        caption="Which they are (the first 200).",
        id="overlap",
    )
    lead = (
        f"{len(overlap):,} of {len(found.rows.test):,} test rows also stand in train: {overlap.count('bytes'):,} as the same "
        f"file, {overlap.count('pixels'):,} with the same pixels, {overlap.count('thumbnail'):,} with the same thumbnail."
    )
    return Section("Test rows that also stand in train", [table, Gallery(exhibits, id="twins"), names], lead)


def method(found: Probed) -> Section:
    config = found.config
    missing = sorted(set(range(found.rows.classes)) - set(found.rows.test.tolist()))
    text = (
        f"Features at {', '.join(found.taps)}, frozen; the headline is {found.taps[0]}. {found.pair.how}.\n\n"
        f"kNN: cosine, {config.k} neighbours, each weighing exp(similarity / 0.07). Linear: logistic regression on features of "
        "zero mean and unit variance, its strength chosen on a held-out fifth of the training rows, then fitted on all of them. "
        "Ridge (layers): one-hot targets, strength by leave-one-out over training rows. Low-shot: logistic regression of a fixed strength. "
        "Test rows are read once and choose nothing.\n\n"
        "Untrained: the same architecture with fresh weights (of a projector tap: its pooled output). Pixels: images squashed "
        f"to 16 × 16 colours; the linear probe there tries C of {PIXEL_GRID[0]:g} and {PIXEL_GRID[1]:g}. Shuffled: training labels "
        "permuted (five times, where there are at most 5,000 rows). Chance: always naming the test rows' most frequent class. Intervals are 95 %, over test images (Wilson), for "
        "low-shot over draws (Student)."
    )
    if missing:
        text += (
            f" No test row is of: {', '.join(found.names[i] for i in missing[:10])}{' …' if len(missing) > 10 else ''}."
        )
    return Section("How it was measured", [Text(text)])
