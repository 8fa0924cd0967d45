"""The report of a probe: its metrics, findings and the order of its page."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from foveate.core.address import brief
from foveate.core.findings import Finding
from foveate.probing.classify import extra, page
from foveate.probing.classify.measure import Probed
from foveate.probing.classify.page import CONTROLS, LABELS
from foveate.probing.gain import accuracy, over_twin
from foveate.reporting.record import Report


def write(found: Probed) -> Report:
    """The report of a classification probe."""
    config, described = found.config, found.encoder.describe()
    report = Report(
        "probe",
        f"What {brief(config.encoder)} is good for on {brief(config.data)}",
        answer=page.answer(found),
        inputs={
            "encoder": {key: described[key] for key in ("address", "parameters", "width", "fingerprint")}
            | {"tap": found.taps[0]},
            "train": {"address": config.data, "rows": len(found.rows.train), "classes": found.rows.classes},
            "test": {"address": config.test or config.data, "rows": len(found.rows.test), "how": found.pair.how},
        },
        config=config,
    )
    _metrics(found, report)
    for finding in _findings(found):
        report.finding(finding)
    for part in (found.train, found.test):
        for id, reason in part.unreadable:
            report.skip(id, reason)
    for shots, reason in found.shots_skipped:
        report.skip(f"{shots} shots", reason)
    report.section(page.accuracies(found))
    if found.sweep:
        report.section(page.layers(found))
    if found.mlp is not None:
        report.section(extra.beyond_linear(found, found.mlp))
    if found.shots:
        report.section(page.few_labels(found))
    if found.shares:
        report.section(extra.label_shares(found))
    report.section(page.classes(found))
    if not found.readouts["linear"].right.all():
        report.section(page.mistakes(found))
    report.section(page.overlap(found))
    if found.looks is not None:
        report.section(extra.looks(found, found.looks))
    report.section(page.method(found))
    return report


def _metrics(found: Probed, report: Report) -> None:
    chance = found.chance
    for method, answers in found.readouts.items():
        report.metric(f"{method}.accuracy", accuracy(answers), chance=chance)
    for key, answers in found.controls.items():
        report.metric(key, accuracy(answers), chance=chance)
    for method, (estimate, over) in found.shuffled.items():
        report.metric(f"{method}.shuffled", estimate, over=over, chance=chance)
    for tap, (knn, ridge) in found.sweep.items():
        report.metric(f"knn.accuracy@{tap}", accuracy(knn), chance=chance)
        report.metric(f"ridge.accuracy@{tap}", accuracy(ridge), chance=chance)
        report.metric(f"rankme.rank@{tap}", found.rankme[tap])
    if found.sweep:
        report.metric(f"linear.accuracy@{found.taps[0]}", accuracy(found.readouts["linear"]), chance=chance)
    if "mlp" in found.readouts:
        report.metric("mlp.gap", extra.gap(found.readouts["mlp"], found.readouts["linear"]))
        if "mlp.untrained" in found.controls:
            twins = (found.controls["mlp.untrained"], found.controls["linear.untrained"])
            report.metric("mlp.gap/untrained", extra.gap(*twins))
    for share in found.shares:
        report.metric(f"lowshot.accuracy/{share.name}", share.mean, over="seeds", chance=chance)
    for one in found.shots:
        report.metric(f"lowshot.accuracy/{one.shots}", one.mean, over="seeds", chance=chance)
    if len(found.overlap):
        for method, answers in found.readouts.items():
            report.metric(f"{method}.accuracy/without-overlap", accuracy(answers, ~found.overlap.rows), chance=chance)
    for label in np.unique(found.rows.test):
        key = f"linear.accuracy/{_slice(found.names[label], int(label))}"
        if key not in report.metrics:
            report.metric(key, accuracy(found.readouts["linear"], found.rows.test == label))
    for method, label in LABELS.items():
        if method not in found.readouts:
            continue
        controls = {name: f"{method}.{name}" for name in CONTROLS if f"{method}.{name}" in report.metrics}
        report.headline(f"{method}.accuracy", f"{label} accuracy at {found.taps[0]}", controls=controls)


def _slice(name: str, label: int) -> str:
    """A class's name as a metric's slice."""
    return " ".join(name.split()) or f"class-{label}"


def _findings(found: Probed) -> Iterable[Finding]:
    for method, label in LABELS.items():
        if method not in found.shuffled:
            continue
        yield over_twin(
            method,
            label,
            found.readouts[method],
            found.controls[f"{method}.untrained"],
            found.shuffled[method][0],
            chance=found.chance,
            doubles=len(found.overlap),
        )
