"""The page of an exam, section by section."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from foveate.core import stats
from foveate.core.estimate import Estimate
from foveate.probing.factors import gallery, method, reading
from foveate.probing.factors.measure import Examined
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.numbers import interval, number
from foveate.reporting.sections import Block, Chart, Column, Section, Table, Text

_CHARTS, _VALUES = 6, 16  # factors that have a chart of their own, and values in one


def sections(found: Examined) -> Iterator[Section]:
    """The parts of the page, in order; those that could not be measured are left out."""
    yield _by_value(found)
    if found.decoded:
        yield _decoded(found)
    if found.moved:
        yield _invariance(found)
        yield _equivariance(found)
    yield _additive(found)
    if found.held_out is not None:
        yield _held_out(found)
    if found.head is not None:
        yield _head(found)
    if (failures := gallery.failures(found)) is not None:
        yield failures
    yield method.section(found)


def worst(found: Examined) -> tuple[str, str, Estimate] | None:
    """The factor and value at which the label is read worst: with the lowest upper end, of factors that do not tell the label."""
    every = [
        (name, value, estimate)
        for name, factor in found.table.around.items()
        for value, estimate in reading.by_value(found.label["trained"].right, factor, found.table).items()
        if math.isfinite(estimate.high)
    ]
    return min(every, key=lambda one: one[2].high, default=None)


def _by_value(found: Examined) -> Section:
    table = found.table
    read = {
        name: {source: reading.by_value(answers.right, factor, table) for source, answers in found.label.items()}
        for name, factor in table.factors.items()
    }
    apart = {name: _apart(values["trained"]) for name, values in read.items()}
    around = table.around
    order = sorted(read, key=lambda name: (name in around, apart[name]), reverse=True)
    shown = [name for name in order if 1 < len(read[name]["trained"]) <= _VALUES][:_CHARTS]
    blocks: list[Block] = [
        charts.intervals(
            [
                Point.of(value, one, source)
                for source, values in read[name].items()
                for value, one in values.items()
                if math.isfinite(one.high)  # of one asset in one scene alone nothing follows
            ],
            value="accuracy on the test rows",
            chance=found.chance,
            domain=(0.0, 1.0),
            alt=f"Accuracy of the label's classifier at each value of {name}.",
            caption=f"{name}: the label's classifier at each of its values.",
            id=f"by-value-{name}",
        )
        for name in shown
    ]
    rows = [
        [name, value, *(read[name][source].get(value) for source in found.sources), one.n]
        for name in order
        for value, one in sorted(read[name]["trained"].items(), key=lambda each: each[1].value)[:_VALUES]
    ]
    columns = ["factor", "value", *found.sources, "test images"]
    caption = f"Accuracy by value; of a factor with more than {_VALUES} values the worst."
    blocks.append(Table(columns, rows, caption=caption, id="by-value"))
    lead = "No value has test rows of two assets or scenes."
    if least := worst(found):
        lead = f"The label is read worst at {least[0]} = {least[1]} {interval(least[2]._asdict())}."
        told = [name for name in around if apart[name] > 0]
        lead += f" Best and worst value lie apart, intervals and all, of: {', '.join(told) or 'no factor'}."
    return Section("Accuracy by factor value", blocks, lead)


def _decoded(found: Examined) -> Section:
    blocks: list[Block] = []
    for kind, title in (("accuracy", "accuracy of the factor's value"), ("r2", "R² of the factor's number")):
        mine = {name: each for name, each in found.decoded.items() if each.kind == kind}
        if not mine:
            continue
        points = [Point.of(name, one, source) for name, each in mine.items() for source, one in each.value.items()]
        if kind == "accuracy":
            points += [Point(name, each.chance, series="chance") for name, each in mine.items()]
        chart = charts.intervals(
            points,
            value=title,
            domain=(min(0.0, *(one.low for each in mine.values() for one in each.value.values())), 1.0),
            alt=f"How well a linear readout finds each factor: {title}, beside its controls.",
            caption="What a linear readout finds of each factor, on the test rows.",
            id=f"decoded-{kind}",
        )
        rows: list[list[Any]] = [[name, *(each.value[s] for s in found.sources)] for name, each in mine.items()]
        columns: list[Any] = ["factor", *found.sources]
        if kind == "accuracy":
            columns += ["chance", Column("gain", note="over the untrained twin, on the same test images")]
            rows = [[*row, each.chance, each.gain] for row, each in zip(rows, mine.values(), strict=True)]
        blocks += [chart, Table(columns, rows, caption=f"Decodability: {title}.", id=f"decodability-{kind}")]
    gains = {name: each.gain for name, each in found.decoded.items() if each.gain is not None}
    kept = stats.benjamini_hochberg([stats.p_of(gain) for gain in gains.values()])
    certain = {name: gain.value for (name, gain), survives in zip(gains.items(), kept, strict=True) if survives}
    more, less = ([name for name, gain in certain.items() if sign * gain > 0] for sign in (1, -1))
    lead = f"{len(found.decoded)} factors were asked for."
    if gains:
        lead = f"Training made more readable: {', '.join(more) or 'none'}; less readable: {', '.join(less) or 'none'} (of {len(gains)}; Benjamini–Hochberg)."
    return Section("What can be read", blocks, lead)


def _invariance(found: Examined) -> Section:
    points = [Point.of(n, one, s) for n, moved in found.moved.items() for s, one in moved.distance.items()]
    chart = charts.intervals(
        points,
        value="squared distance, relative to random pairs",
        chance=None,
        alt="How far each factor moves the features, beside the untrained twin and pixels.",
        caption="0: a change of this factor alone leaves the features where they are. 1: it moves them as far as random pairs lie apart.",
        id="invariance-chart",
    )
    rows = [
        [name, *(moved.distance[source] for source in found.sources), moved.pairs, ", ".join(moved.free) or "–"]
        for name, moved in found.moved.items()
    ]
    columns = ["factor", *found.sources, "pairs", "changes with it"]
    table = Table(columns, rows, caption="Distance of pictures that differ in one factor alone.", id="invariance")
    moves = {name: moved.distance["trained"] for name, moved in found.moved.items()}
    most, least = (choose(moves, key=lambda name: moves[name].value) for choose in (max, min))
    lead = (
        f"Most by {most} {interval(moves[most]._asdict(), 2)}, least by {least} {interval(moves[least]._asdict(), 2)}."
    )
    return Section("How far a factor moves the features", [chart, table], lead)


def _equivariance(found: Examined) -> Section:
    measured = {name: m.equivariance for name, m in found.moved.items() if m.equivariance["trained"].pairs}
    if not measured:
        return Section("Whether always in the same way", [], "No factor has pairs enough that move the features.")
    points = [Point.of(name, each["trained"].translation, "translation") for name, each in measured.items()]
    points += [Point.of(name, each["trained"].linear, "linear map") for name, each in measured.items()]
    if "untrained" in found.sources:
        points += [Point.of(name, each["untrained"].translation, "untrained") for name, each in measured.items()]
    chart = charts.intervals(
        points,
        value="share of the squared displacement explained, held-out pairs",
        alt="How much of a change's displacement one translation, or one linear map, explains.",
        caption="1: a change of value moves every picture by the same vector. 0: knowing the change tells nothing. Below 0: it misleads.",
        id="equivariance-chart",
    )
    tables = [
        Table(
            ["factor", *found.sources, "pairs"],
            [
                [n, *(getattr(each[s], kind) for s in found.sources), each["trained"].pairs]
                for n, each in measured.items()
            ],
            caption=f"R² of a {words} on held-out pairs.",
            id=f"equivariance-{kind}",
        )
        for kind, words in (("translation", "translation"), ("linear", "linear map"))
    ]
    best = max(measured, key=lambda name: np.nan_to_num(measured[name]["trained"].translation.value, nan=-np.inf))
    lead = f"The most regular is {best}: one displacement explains {interval(measured[best]['trained'].translation._asdict(), 2)} of it."
    return Section("Whether always in the same way", [chart, *tables], lead)


def _additive(found: Examined) -> Section:
    rows = [[s, a.main, a.pairwise, a.gain, *a.cells] for s, a in found.additive.items()]
    columns = ["features", "sum over factors", "with pairs of factors", "gain", "values", "with pairs of values"]
    table = Table(columns, rows, caption="Variance explained on the test rows.", id="additivity")
    own = found.additive["trained"]
    lead = (
        f"A sum of one vector for each value of each factor explains {interval(own.main._asdict(), 2)} of the features"
    )
    lead += f"; pairs of factors add {interval(own.gain._asdict(), 2)}." if own.gain is not None else "."
    return Section("Whether factors add up", [table], lead)


def _held_out(found: Examined) -> Section:
    held = found.held_out
    assert held is not None
    chart = charts.lines(
        [Point.of(float(k), one, source) for source, curve in held.curve.items() for k, one in curve.items()],
        x=f"training values of {held.factor}",
        y="accuracy at held-out values",
        along="log",
        chance=held.chance,
        alt=f"Accuracy at unseen values of {held.factor} against the number of training values.",
        caption=f"Always {held.rows:,} training images, and the same {held.tests:,} test images; bands over held-out values and draws of training images.",
        id="held-out-chart",
    )
    own = held.curve["trained"]
    rows = [[k, *(held.curve[source][k] for source in found.sources)] for k in own]
    rows.append(["gain", *(held.gain[source] for source in found.sources)])
    table = Table(["training values", *found.sources], rows, caption="Accuracy at held-out values.", id="held-out")
    lead = f"From one training value of {held.factor} to {max(own)}: {number(own[1].value)} to {number(own[max(own)].value)}, "
    lead += f"a gain of {interval(held.gain['trained']._asdict())}. Held out: {', '.join(held.held)}."
    return Section("Values never seen", [chart, table], lead)


def _head(found: Examined) -> Section:
    head = found.head
    assert head is not None
    blocks: list[Block] = []
    ranked = sorted(head.curves, key=lambda name: min(one.value for one in head.curves[name].drop.values()))
    for name in [name for name in ranked if len(head.curves[name].top1) <= _VALUES][:_CHARTS]:
        blocks.append(_robustness(name, head.curves[name].top1, head.curves[name].default))
    rows = [
        [name, value, one, head.curves[name].drop.get(value), one.n]
        for name in ranked
        for value, one in list(head.curves[name].top1.items())[:_VALUES]
    ]
    columns: list[Any] = [
        "factor",
        "value",
        "top-1",
        Column("less the default view", note="of the same assets"),
        "images",
    ]
    blocks.append(Table(columns, rows, caption="Top-1 of the model's own head, by factor.", id="imagenet"))
    classes = [[name, first, five, first.n] for name, (first, five) in head.by_class.items()]
    caption = "In the default view, class by class: named right by the first answer, and among the first five."
    blocks.append(Table(["class", "top-1", "top-5", "images"], classes, caption=caption, id="imagenet-classes"))
    lead = f"Over all {interval(head.top1._asdict())}. {len(head.kept)} assets are named in at least half of their default views and make the curves"
    lead += f"; floor effect: {len(head.floor)}." if head.floor else "."
    if head.floor:
        blocks.append(
            Text(
                f"Floor effect, in no curve: {', '.join(head.floor[:40])}{' …' if len(head.floor) > 40 else ''}.",
                "note",
            )
        )
    return Section("The model's own answers", blocks, lead)


def _robustness(name: str, top1: Mapping[str, Estimate], default: str) -> Chart:
    return charts.intervals(
        [
            Point.of(value, one, "default" if value == default else "trained")
            for value, one in top1.items()
            if math.isfinite(one.high)
        ],
        value="top-1, assets above the floor",
        domain=(0.0, 1.0),
        alt=f"Top-1 at each value of {name}.",
        caption=f"{name}: all else as in the default view.",
        id=f"imagenet-{name}",
    )


def _apart(values: Mapping[str, Estimate]) -> float:
    """How far the interval of the best value lies above that of the worst; below 0 where intervals do not tell them apart."""
    known = [one for one in values.values() if math.isfinite(one.high)]
    return max(one.low for one in known) - min(one.high for one in known) if known else -math.inf
