"""Further sections of a probe's page: what an MLP reads beyond the linear probe, shares of the labels, what tokens look like."""

from __future__ import annotations

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.probing.classify.measure import Probed
from foveate.probing.gain import accuracy
from foveate.probing.looks import Looks, gallery
from foveate.probing.mlp import Fitted
from foveate.probing.readouts import Answers
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.numbers import interval, number
from foveate.reporting.sections import Section, Table


def gap(mlp: Answers, linear: Answers) -> Estimate:
    """Accuracy of the MLP less that of the linear probe, paired over test images."""
    return stats.paired_difference(mlp.right.astype(float), linear.right.astype(float))


def beyond_linear(found: Probed, fitted: Fitted) -> Section:
    """The gap between MLP and linear probe, and the MLP's course on held-out rows."""
    mine = gap(found.readouts["mlp"], found.readouts["linear"])
    rows = [["trained", accuracy(found.readouts["linear"]), accuracy(found.readouts["mlp"]), mine]]
    for name in ("untrained", "pixels"):
        if f"mlp.{name}" in found.controls:
            linear, other = found.controls[f"linear.{name}"], found.controls[f"mlp.{name}"]
            rows.append([name, accuracy(linear), accuracy(other), gap(other, linear)])
    points = [
        Point(float(epoch), value, series=name)
        for name, curve in (("held-out rows", fitted.curve), ("rows it was fitted on", fitted.training))
        for epoch, value in enumerate(curve, 1)
    ]
    chart = charts.lines(
        points,
        x="epoch",
        y="accuracy",
        along="numbers",
        alt="Accuracy of the MLP probe by epoch, on held-out training rows and on those it was fitted on.",
    )
    table = Table(["on", "linear", "MLP", "gap"], rows, caption="Gaps are paired over test images.", id="mlp-gap")
    best, last = fitted.curve[fitted.best - 1], fitted.curve[-1]
    meaning = (
        "the features hold something that is not linear" if mine.low > 0 else "no gap that these test images could show"
    )
    lead = (
        f"An MLP with {fitted.hidden} hidden units reads {interval(mine._asdict())} more than the linear probe: {meaning}. "
        f"Best epoch on held-out rows: {fitted.best} of {len(fitted.curve)} ({number(best)}; at the end {number(last)}, and "
        f"{number(fitted.training[-1])} on the rows that it was fitted on)."
    )
    return Section("Beyond a linear readout", [table, chart], lead)


def label_shares(found: Probed) -> Section:
    """Accuracy with shares of the labels."""
    rows = [
        [one.name, one.images, one.mean, number(min(one.accuracies)), number(max(one.accuracies))]
        for one in found.shares
    ]
    rows.append(["100%", len(found.rows.train), accuracy(found.readouts["linear"]), None, None])
    table = Table(
        ["labels", "images", "accuracy", "worst draw", "best draw"],
        rows,
        caption="As much of every class, at least one image; the mean over draws with Student's interval. All labels: over test images.",
        id="label-shares",
    )
    first = found.shares[0]
    lead = f"With {first.name} of the labels ({first.images:,} images) {number(first.mean.value)}, with all {number(accuracy(found.readouts['linear']).value)}."
    return Section("With a share of the labels", [table], lead)


def looks(found: Probed, seen: Looks) -> Section:
    """Tokens of some test images as colours, and the attention of the class token."""
    names = [f"{found.test.ids[each.position]}: {found.names[found.rows.test[each.position]]}" for each in seen.images]
    lead = (
        f"Tokens at {seen.tap} of {len(names)} test images. Colours are their first three principal components, the same for all these images "
        f"({number(seen.explained, 2)} of the variance): like colours, like features."
    )
    if any(each.attention is not None for each in seen.images):
        lead += " Attention is the last block's, the mean over its heads; white is the largest in the image."
    return Section("What the features look like", [gallery(seen, names)], lead)
