"""The page of the task ``finetune``: the tuned encoder beside the frozen one and beside training from scratch."""

from __future__ import annotations

from typing import Any

import numpy as np

from foveate.core import stats
from foveate.core.address import brief
from foveate.pretraining import knobs
from foveate.probing.finetune.measure import Tuned
from foveate.probing.gain import accuracy
from foveate.probing.readouts import Answers
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Column, Section, Table, Text

_ONE_RUN = "This is one run: intervals are over test images and say nothing of another seed."


def write(found: Tuned) -> Report:
    """The report."""
    config, mine = found.config, accuracy(found.tuned)
    answer = f"{interval(mine._asdict())} after {found.epochs} epochs; frozen, the linear probe reads {number(accuracy(found.frozen).value)}"
    if found.scratch is not None:
        answer += f"; from scratch {number(accuracy(found.scratch).value)}"
    report = Report(
        "probe",
        f"{brief(config.encoder)}, fine-tuned on {brief(config.data)}",
        answer=f"{answer}; chance {number(found.chance)}. One run.",
        inputs={
            "encoder": {key: found.described[key] for key in ("address", "parameters", "width", "fingerprint")},
            "train": {"address": config.data, "rows": found.trained, "classes": found.rows.classes},
            "test": {"address": config.test or config.data, "rows": len(found.rows.test), "how": found.pair.how},
        },
        config=config,
    )
    report.metric("finetune.accuracy", mine, chance=found.chance)
    report.metric("linear.accuracy", accuracy(found.frozen), chance=found.chance)
    report.metric("finetune.over-linear", _gain(found.tuned, found.frozen))
    controls = {"frozen, linear": "linear.accuracy"}
    if found.scratch is not None:
        report.metric("finetune.scratch", accuracy(found.scratch), chance=found.chance)
        report.metric("finetune.over-scratch", _gain(found.tuned, found.scratch))
        controls["from scratch"] = "finetune.scratch"
    report.headline("finetune.accuracy", "accuracy after fine-tuning", controls=controls)
    for id, reason in found.test.unreadable:
        report.skip(id, reason)
    report.section(_accuracies(found))
    report.section(_curves(found))
    report.section(_method(found))
    return report


def _gain(mine: Answers, other: Answers) -> Any:
    return stats.paired_difference(mine.right.astype(float), other.right.astype(float))


def _accuracies(found: Tuned) -> Section:
    read = [("fine-tuned", found.tuned), ("frozen, linear", found.frozen)]
    if found.scratch is not None:
        read.append(("from scratch", found.scratch))
    chart = charts.intervals(
        [Point.of(name, accuracy(answers)) for name, answers in read],
        value="accuracy on the test rows",
        chance=found.chance,
        domain=(0.0, 1.0),
        alt="Accuracy after fine-tuning, of the frozen linear probe, and after the same training from scratch.",
    )
    rows = [
        [name, accuracy(answers), None if answers is found.tuned else _gain(found.tuned, answers)]
        for name, answers in read
    ]
    table = Table(
        ["", "accuracy", "fine-tuned less this"],
        rows,
        caption="Accuracies behind the chart; differences are paired over images.",
        id="accuracies",
    )
    blocks: list[Any] = [chart, table, Text(_ONE_RUN, "note")]
    if found.scratch is None:
        blocks.append(
            Text(
                "The control was left out (--no-controls): nothing says what the figure owes to the weights that it began with.",
                "warning",
            )
        )
    return Section("What fine-tuning gives", blocks)


def _curves(found: Tuned) -> Section:
    points = [
        Point(float(line["epoch"]), line[key], series=f"{name}, {words}")
        for name, log in found.logs.items()
        for key, words in (("validation_accuracy", "held-out rows"), ("accuracy", "training batches"))
        for line in log
        if line.get(key) is not None
    ]
    chart = charts.lines(
        points, x="epoch", y="accuracy", along="numbers", chance=found.chance, alt="Accuracy by epoch on held-out training rows and in training batches."
    )  # fmt: skip
    curve = [line["validation_accuracy"] for line in found.logs["tuned"] if line.get("validation_accuracy") is not None]
    lead = "The last epoch is the one that is tested."
    if curve:
        best = int(np.argmax(curve))
        lead += f" On the {found.held:,} held-out rows it reads {number(curve[-1])}; the best epoch there was {best} with {number(curve[best])}."
    return Section("Epoch by epoch", [chart], lead)


def _method(found: Tuned) -> Section:
    told = found.knobs
    text = (
        f"All weights that the pooled output depends on, and a linear layer on it, are trained by AdamW on {found.trained:,} training images; "
        f"{found.held:,} more draw the curve and are never trained on. {found.epochs} epochs, {found.batch} images a step. The rate of a weight is "
        f"the head's times {told.layer_decay:g} to the number of blocks or stages above it; from scratch all weights learn at the head's rate, and "
        "all else is the same: the same images in the same order, views, epochs. Drop path is as the encoder has it.\n\n"
        f"Views: random crops of {found.view.scale[0] if found.view.scale else 1:g} to 1 of the area, mirrored with probability {found.view.flip:g}. "
        "The frozen probe is logistic regression on the pooled output of the encoder as it was given, on all training rows. "
        f"{found.pair.how}. Test rows are read once, after the last epoch. {_ONE_RUN}"
    )
    rows = [[name, str(getattr(told, name)), default, help] for name, default, help in knobs.documented(type(told))]
    table = Table(
        [Column("knob", "code"), "value", "default", "what"], rows, caption="How it was set (--set).", id="knobs"
    )
    return Section("How it was measured", [Text(text), table])
