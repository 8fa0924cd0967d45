"""The page of the task ``heads``: the chosen head beside its controls, and every head that was tried."""

from __future__ import annotations

import math
from typing import Any

from foveate.core.address import brief
from foveate.probing.gain import accuracy, over_twin
from foveate.probing.heads.measure import Headed
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Column, Section, Table, Text


def write(found: Headed) -> Report:
    """The report."""
    config, described, best = found.config, found.encoder.describe(), found.tried[0]
    mine = accuracy(found.heads)
    report = Report(
        "probe",
        f"The best of {len(found.tried)} linear heads on {brief(config.encoder)}, {brief(config.data)}",
        answer=f"{interval(mine._asdict())} with {best.reading.name} at rate {best.rate:g}"
        + (f"; its untrained twin {number(accuracy(found.controls['untrained']).value)}" if found.controls else "")
        + f"; logistic regression on the pooled output {number(accuracy(found.linear).value)}; chance {number(found.chance)}.",
        inputs={
            "encoder": {key: described[key] for key in ("address", "parameters", "width", "fingerprint")},
            "train": {"address": config.data, "rows": len(found.rows.train), "classes": found.rows.classes},
            "test": {"address": config.test or config.data, "rows": len(found.rows.test), "how": found.pair.how},
        },
        config=config,
    )
    report.metric("heads.accuracy", mine, chance=found.chance)
    report.metric("linear.accuracy", accuracy(found.linear), chance=found.chance)
    for name, answers in found.controls.items():
        report.metric(f"heads.{name}", accuracy(answers), chance=found.chance)
    if found.shuffled is not None:
        report.metric("heads.shuffled", found.shuffled, over="seeds", chance=found.chance)
        report.finding(
            over_twin(
                "heads",
                "best of many heads",
                found.heads,
                found.controls["untrained"],
                found.shuffled,
                chance=found.chance,
            )
        )
    controls = {
        name: f"heads.{name}" for name in ("untrained", "pixels", "shuffled") if f"heads.{name}" in report.metrics
    }
    report.headline("heads.accuracy", "accuracy of the chosen head", controls=controls)
    for part in (found.train, found.test):
        for id, reason in part.unreadable:
            report.skip(id, reason)
    for last, reason in found.skipped:
        report.skip(f"the last {last} blocks", reason)
    report.section(_accuracies(found))
    report.section(_tried(found))
    report.section(_method(found))
    return report


def _accuracies(found: Headed) -> Section:
    answers = {"trained": found.heads, **found.controls, "logistic regression on pooled": found.linear}
    read = [(name, accuracy(each), each.setting) for name, each in answers.items()]
    if found.shuffled is not None:
        read.insert(3, ("shuffled", found.shuffled, "training labels permuted"))
    chart = charts.intervals(
        [Point.of(name, estimate) for name, estimate, _ in read],
        value="accuracy on the test rows",
        chance=found.chance,
        domain=(0.0, 1.0),
        alt="Accuracy of the chosen head on the encoder, its untrained twin, pixels and shuffled labels.",
    )
    rows = [list(row) for row in read]
    table = Table(
        ["on", "accuracy", Column("setting", "code")], rows, caption="Accuracies behind the chart.", id="accuracies"
    )
    blocks: list[Any] = [chart, table]
    if not found.controls:
        blocks.append(
            Text("Controls were left out (--no-controls): nothing says what the figure owes to training.", "warning")
        )
    return Section("The chosen head and its controls", blocks)


def _tried(found: Headed) -> Section:
    readings = list(dict.fromkeys(each.reading.name for each in sorted(found.tried, key=_by_reading)))
    rates = sorted({each.rate for each in found.tried})
    place = {(each.reading.name, each.rate): each for each in found.tried}
    cells = [[place[name, rate] for rate in rates] for name in readings]
    chart = charts.heatmap(
        [[each.accuracy.value if math.isfinite(each.loss) else None for each in row] for row in cells],
        rows=readings,
        columns=[f"{rate:g}" for rate in rates],
        quantity="accuracy on held-out training rows",
        row_title="what is read",
        column_title="learning rate",
        alt="Accuracy of every head on the held-out training rows, by what it reads and its learning rate.",
    )
    table = Table(
        ["read", "last", "rate", "held-out accuracy", "held-out loss"],
        [
            [
                each.reading.pooling,
                each.reading.last,
                f"{each.rate:g}",
                each.accuracy,
                number(each.loss) if math.isfinite(each.loss) else "diverged",
            ]
            for each in found.tried
        ],
        caption="Every head on the training rows that were held out, best first; only the first one read the test rows.",
        id="heads",
    )
    ends = [rates[0], rates[-1]]
    best = found.tried[0]
    blocks: list[Any] = [chart, table]
    if best.rate in ends and len(rates) > 1:
        side = "lower" if best.rate == rates[0] else "higher"
        blocks.append(
            Text(f"The best rate is an end of the grid: --rates with {side} ones may find a better head.", "note")
        )
    return Section(
        "Every head",
        blocks,
        f"{best.reading.name} at rate {best.rate:g} is right on {interval(best.accuracy._asdict())} of the held-out rows.",
    )


def _by_reading(each: Any) -> tuple[int, str]:
    return each.reading.last, each.reading.pooling


def _method(found: Headed) -> Section:
    text = (
        f"Frozen features: the network's own pooled output, and of the last {', '.join(map(str, sorted({each.reading.last for each in found.tried})))} blocks or stages: the class "
        "token (cls), the mean over places (mean) or both (concat); several blocks side by side. The last block is read after the final norm, "
        "where there is one. Each feature has zero mean and unit variance on the rows that a head is fitted on.\n\n"
        f"Every head is linear, starts at zero and is trained by SGD (momentum .9, no weight decay, {found.epochs} passes, the rate falling "
        "by a cosine to 0), all of them at once on the same batches, on four fifths of the training rows. The one that is right most often on the other fifth (of equal ones: "
        "with the lower cross-entropy) is trained anew on all training rows and reads the test rows, once. The untrained twin and the pixels choose "
        "their own head in the same way; shuffled labels keep the chosen one.\n\n"
        f"{found.pair.how}. Chance: always naming the test rows' most frequent class. Intervals are 95 %, over images (Wilson), for shuffled labels over permutations (Student)."
    )
    return Section("How it was measured", [Text(text)])
