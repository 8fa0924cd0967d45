"""The record of an exam: metrics, findings, and the page's sections in order.

Metrics: ``linear.accuracy``, also ``/FACTOR=VALUE``; ``decode.accuracy/FACTOR`` or ``decode.r2/FACTOR``;
``invariance.distance/FACTOR``; ``translation.r2/FACTOR`` and ``linear-map.r2/FACTOR``; ``additive.r2`` and ``pairwise.r2``;
``heldout.accuracy/FACTOR=K``; ``imagenet.top1``, also ``/FACTOR=VALUE``, and ``imagenet.drop/FACTOR=VALUE``. The same with
``.untrained`` and ``.pixels`` are their controls.
"""

from __future__ import annotations

from collections.abc import Iterable

from foveate.core import clusters
from foveate.core.address import brief
from foveate.core.estimate import Estimate
from foveate.core.findings import Control, Finding, judge
from foveate.probing.factors import page, reading
from foveate.probing.factors.measure import Examined
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report

GAIN = 0.05
"""δ: the smallest gain over the untrained twin, or from more training values, that counts."""
MOST_VALUES = 64
"""Values of a factor up to which each has a metric of its own."""


def write(found: Examined) -> Report:
    """The report of an exam."""
    config, described, table = found.config, found.encoder.describe(), found.table
    report = Report(
        "probe",
        f"Factor by factor: {brief(config.encoder)} on {brief(config.data)}",
        answer=_answer(found),
        inputs={
            "encoder": {key: described[key] for key in ("address", "parameters", "width", "fingerprint")}
            | {"tap": found.tap},
            "train": {"address": config.data, "rows": int(table.train.sum()), "classes": len(table.names)},
            "test": {"address": config.test or config.data, "rows": int(table.test.sum()), "how": table.how},
            "factors": ", ".join(table.factors),
        },
        config=config,
    )
    _label(found, report)
    _geometry(found, report)
    _held_out(found, report)
    _head(found, report)
    for finding in _findings(found):
        report.finding(finding)
    for id, reason in found.skipped:
        report.skip(id, reason)
    for section in page.sections(found):
        report.section(section)
    return report


def accuracy(found: Examined, source: str) -> Estimate:
    """The share of test rows whose label a source's classifier reads."""
    return clusters.share(found.label[source].right, found.table.groups[found.table.test])


def _key(method: str, quantity: str, source: str, slice: str = "") -> str:
    return f"{method}.{quantity if source == 'trained' else source}" + (f"/{slice}" if slice else "")


def _answer(found: Examined) -> str:
    text = f"Label read with {interval(accuracy(found, 'trained')._asdict())}, chance {number(found.chance)}"
    if "untrained" in found.label:
        text += f", untrained {number(accuracy(found, 'untrained').value)}"
    if worst := page.worst(found):
        name, value, estimate = worst
        text += f"; least at {name} = {value} ({number(estimate.value)})"
    moves = {name: moved.distance["trained"].value for name, moved in found.moved.items()}
    if moves:
        most, least = max(moves, key=moves.__getitem__), min(moves, key=moves.__getitem__)
        text += f". {most} moves the features most ({number(moves[most], 2)} of random pairs)"
        text += f", {least} least ({number(moves[least], 2)})" if most != least else ""
    return f"{text}."


def _label(found: Examined, report: Report) -> None:
    table = found.table
    for source, answers in found.label.items():
        report.metric(_key("linear", "accuracy", source), accuracy(found, source), chance=found.chance)
        for name, factor in table.factors.items():
            if len(factor.names) > MOST_VALUES:
                continue
            for value, estimate in reading.by_value(answers.right, factor, table).items():
                report.metric(_key("linear", "accuracy", source, f"{name}={value}"), estimate)
    for name, decoded in found.decoded.items():
        for source, estimate in decoded.value.items():
            # A control of an accuracy and one of an R² never share a key: a factor is read in one way.
            report.metric(_key("decode", decoded.kind, source, name), estimate, chance=decoded.chance)
    for name, factor in table.factors.items():
        if len(factor.names) > MOST_VALUES:
            report.skip(f"values of {name}", f"{len(factor.names)} of them: too many for a metric each")
    controls = {source: f"linear.{source}" for source in found.sources if source != "trained"}
    report.headline("linear.accuracy", f"label, linear at {found.tap}", controls=controls)


def _geometry(found: Examined, report: Report) -> None:
    for name, moved in found.moved.items():
        for source, estimate in moved.distance.items():
            report.metric(_key("invariance", "distance", source, name), estimate)
        for source, each in moved.equivariance.items():
            report.metric(_key("translation", "r2", source, name), each.translation)
            report.metric(_key("linear-map", "r2", source, name), each.linear)
    for source, added in found.additive.items():
        report.metric(_key("additive", "r2", source), added.main)
        if added.pairwise is not None and added.gain is not None:
            report.metric(_key("pairwise", "r2", source), added.pairwise)
            report.metric(
                _key("pairwise", "gain", source) if source == "trained" else f"pairwise.gain.{source}", added.gain
            )
    controls = {source: f"additive.{source}" for source in found.sources if source != "trained"}
    report.headline("additive.r2", "variance that a sum over factors explains", controls=controls, better="")


def _held_out(found: Examined, report: Report) -> None:
    held = found.held_out
    if held is None:
        return
    for source, curve in held.curve.items():
        for k, estimate in curve.items():
            report.metric(_key("heldout", "accuracy", source, f"{held.factor}={k}"), estimate, chance=held.chance)
        report.metric(f"heldout.gain{'' if source == 'trained' else '.' + source}/{held.factor}", held.gain[source])
    most = max(held.curve["trained"])
    slice = f"{held.factor}={most}"
    controls = {source: f"heldout.{source}/{slice}" for source in found.sources if source != "trained"}
    report.headline(f"heldout.accuracy/{slice}", f"label at unseen values of {held.factor}", controls=controls)


def _head(found: Examined, report: Report) -> None:
    head = found.head
    if head is None:
        return
    report.metric("imagenet.top1", head.top1, chance=head.chance)
    if found.head_untrained is not None:
        report.metric("imagenet.untrained", found.head_untrained, chance=head.chance)
    for name, (first, five) in head.by_class.items():
        report.metric(f"imagenet.top1/label={name}", first, chance=head.chance)
        report.metric(f"imagenet.top5/label={name}", five, chance=5 * head.chance)
    for name, curve in head.curves.items():
        if len(curve.top1) > MOST_VALUES:
            continue
        for value, estimate in curve.top1.items():
            report.metric(f"imagenet.top1/{name}={value}", estimate, chance=head.chance)
        for value, estimate in curve.drop.items():
            report.metric(f"imagenet.drop/{name}={value}", estimate)


def _findings(found: Examined) -> Iterable[Finding]:
    groups = found.table.groups[found.table.test]
    if "untrained" in found.label:
        gain = clusters.difference(found.label["trained"].right, found.label["untrained"].right, groups)
        excess = clusters.difference(found.label["trained"].right, found.label["pixels"].right, groups)
        yield _finding(
            "gain-linear",
            "The encoder beats its untrained twin (linear).",
            "the rule by which a trained encoder may enter a comparison",
            "accuracy less that of the same architecture with fresh weights, same test images",
            gain,
            Control("gain over bare pixels", *excess[:3]),
        )
    held = found.held_out
    if held is not None and len(held.curve["trained"]) > 1:
        most = max(held.curve["trained"])
        source = "pixels" if "pixels" in held.gain else "trained"
        yield _finding(
            "more-values",
            f"With {most} training values of {held.factor} for one, unseen values are read better from as many images.",
            "PUG (Bordes et al. 2023): accuracy in unseen worlds grows with the number of training worlds",
            f"accuracy at {most} values less that at 1, same held-out rows; interval over held-out values and draws of training rows",
            held.gain["trained"],
            Control(
                "the same from bare pixels" if source == "pixels" else "not measured (--no-controls)",
                *held.gain[source][:3],
            ),
        )


def _finding(id: str, claim: str, source: str, statistic: str, value: Estimate, control: Control) -> Finding:
    finite = value if value.low == value.low else Estimate(float("nan"), float("nan"), float("nan"), value.n)
    return Finding(
        id=id,
        claim=claim,
        source=source,
        statistic=statistic,
        value=finite.value,
        low=finite.low,
        high=finite.high,
        n=finite.n,
        over="images",
        null=0.0,
        threshold=GAIN,
        control=control,
        verdict=judge(finite, threshold=GAIN),
    )
