"""The page of a comparison: a heat map for each pair, the encoders among one another, and the controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foveate.comparing.config import Compare
from foveate.comparing.layers import Layers, Pair, self_similarity
from foveate.core.address import brief
from foveate.core.estimate import Estimate
from foveate.reporting import charts
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Column, Section, Table, Text, cell

_MAPS = 6  # pairs that get their own heat map; all are in the metrics and the tables
_CARDS = 3


def write(
    config: Compare, layers: Sequence[Layers], pairs: Sequence[Pair], described: Sequence[Mapping[str, Any]]
) -> Report:
    """The report of a comparison."""
    n = len(layers[0].ids)
    report = Report(
        "compare",
        f"What {len(layers)} encoders have in common on {brief(config.data)}",
        answer=_answer(pairs),
        inputs={
            **{
                one.letter: {"address": one.name, **{key: about[key] for key in ("parameters", "width", "fingerprint")}}
                for one, about in zip(layers, described, strict=True)
            },
            "data": {"address": config.data, "images": n},
        },
        config=config,
    )
    measured = {one.letter: self_similarity(one, seed=config.seed) for one in layers}
    own = {letter: estimate for letter, (estimate, _) in measured.items()}
    for letter, (_, constant) in measured.items():
        for tap in constant:
            report.skip(f"{letter} at {tap}", "its features are the same for every image: similarity is not defined")
    _metrics(report, pairs, own)
    if len(layers) > 2:
        report.section(_among(layers, pairs))
    for pair in pairs[:_MAPS]:
        report.section(_layers(pair))
    report.section(_controls(pairs, own))
    report.section(_method(config, layers, n))
    return report


def _answer(pairs: Sequence[Pair]) -> str:
    ordered = sorted(pairs, key=lambda pair: -np.nan_to_num(pair.last.value, nan=-1.0))
    first, last = ordered[0], ordered[-1]

    def said(pair: Pair) -> str:
        a, b = (f"{one.letter} ({brief(one.name)})" for one in (pair.a, pair.b))
        return f"{a} and {b} {interval(cell(pair.last))}"

    if len(pairs) == 1:
        beside = f"; their untrained twins {interval(cell(first.untrained))}" if first.untrained else ""
        return f"Debiased linear CKA at {first.a.taps[-1]} of {said(first)}{beside}."
    return f"Most alike at the last tap are {said(first)}, least {said(last)} (debiased linear CKA)."


def _metrics(report: Report, pairs: Sequence[Pair], own: Mapping[str, Estimate]) -> None:
    report.metric("cka.similarity", pairs[0].last, chance=0.0)
    for pair in pairs:
        for i, mine in enumerate(pair.a.taps):
            for j, theirs in enumerate(pair.b.taps):
                tap = mine if mine == theirs else f"{mine}~{theirs}"
                report.metric(f"cka.similarity@{tap}/{pair.name}", pair.layers.at(i, j), chance=0.0)
        report.metric(f"cka.independent/{pair.name}", pair.independent, chance=0.0)
        report.metric(f"mutual-knn.similarity/{pair.name}", pair.neighbours, chance=pair.by_chance)
        if pair.untrained is not None:
            report.metric(f"cka.untrained/{pair.name}", pair.untrained, chance=0.0)
    for letter, estimate in own.items():
        report.metric(f"cka.self/{letter}", estimate)
    for pair in pairs[:_CARDS]:
        mine, theirs = pair.a.taps[-1], pair.b.taps[-1]
        controls = {"images shuffled": f"cka.independent/{pair.name}"}
        if pair.untrained is not None:
            controls["untrained twins"] = f"cka.untrained/{pair.name}"
        tap = mine if mine == theirs else f"{mine}~{theirs}"
        report.headline(
            f"cka.similarity@{tap}/{pair.name}",
            f"CKA of {pair.a.letter} and {pair.b.letter}",
            controls=controls,
            better="",
        )


def _layers(pair: Pair) -> Section:
    a, b, values = pair.a, pair.b, pair.layers
    blocks: list[Block] = [
        charts.heatmap(
            values.value,
            rows=a.taps,
            columns=b.taps,
            quantity="CKA",
            low=values.low,
            high=values.high,
            row_title=a.letter,
            column_title=b.letter,
            alt=f"Debiased linear CKA of each tap of {a.letter} ({a.name}) with each of {b.letter} ({b.name}).",
            caption=f"{a.letter}: {brief(a.name)}. {b.letter}: {brief(b.name)}. The colour scale runs from 0 to 1 on every map.",
            id=f"layers-{a.letter}-{b.letter}".lower(),
        )
    ]
    known = ~np.isnan(values.value).all(axis=1)
    if known.any():
        best = np.where(np.isnan(values.value), -np.inf, values.value).argmax(axis=1)
        rows = [[a.taps[i], b.taps[best[i]], values.at(i, int(best[i]))] for i in np.flatnonzero(known).tolist()]
        blocks.append(
            Table(
                [Column(f"tap of {a.letter}", "code"), Column(f"most similar tap of {b.letter}", "code"), "CKA"],
                rows,
                caption=f"For each tap of {a.letter}, the tap of {b.letter} that is most like it.",
                id=f"match-{a.letter}-{b.letter}".lower(),
            )
        )
    lead = f"At their last taps ({a.taps[-1]}, {b.taps[-1]}) {interval(cell(pair.last))}."
    return Section(f"{a.letter} and {b.letter}, layer by layer", blocks, lead)


def _among(layers: Sequence[Layers], pairs: Sequence[Pair]) -> Section:
    letters = [one.letter for one in layers]
    place = {letter: index for index, letter in enumerate(letters)}
    grids = [np.eye(len(letters)) for _ in range(3)]
    for pair in pairs:
        i, j = place[pair.a.letter], place[pair.b.letter]
        for grid, value in zip(grids, pair.last[:3], strict=True):
            grid[i, j] = grid[j, i] = value
    chart = charts.heatmap(
        grids[0],
        rows=letters,
        columns=letters,
        quantity="CKA",
        low=grids[1],
        high=grids[2],
        alt="Debiased linear CKA of each encoder with each other at their last taps.",
        caption="At the last tap of each. " + " ".join(f"{one.letter}: {brief(one.name)}." for one in layers),
        id="encoders",
    )
    rows = [[pair.a.letter, pair.b.letter, pair.last, pair.neighbours] for pair in pairs]
    table = Table(["first", "second", "CKA", "mutual kNN"], rows, caption="Every pair at the last taps.", id="pairs")
    return Section("The encoders among one another", [chart, table])


def _controls(pairs: Sequence[Pair], own: Mapping[str, Estimate]) -> Section:
    rows: list[list[Any]] = []
    for pair in pairs:
        fine = pair.independent.low <= 0.02 and pair.independent.high >= -0.02 and abs(pair.independent.value) < 0.05
        rows.append([pair.name, pair.last, pair.untrained, pair.independent, "yes" if fine else "no",
                     pair.neighbours, pair.by_chance])  # fmt: skip
    table = Table(
        [
            "pair",
            "CKA",
            Column("untrained twins", note="the same architectures with fresh weights: what needs no training"),
            Column("images shuffled", note="one side's rows permuted"),
            Column("about 0", note="whether the shuffled control behaves"),
            Column("mutual kNN", note="the share of nearest neighbours that both agree on"),
            Column("mutual kNN by chance"),
        ],
        rows,
        caption="At the last taps.",
        id="controls",
    )
    worst = float(np.nan_to_num([abs(value.value - 1) for value in own.values()]).max())
    text = Text(
        f"Each encoder with itself reads 1 at every tap, to {number(worst) if worst > 1e-12 else '0'}. The second measure looks at "
        "neighbourhoods, not at variance: a few strong directions can make CKA high on their own."
    )
    return Section("Controls, and a second measure", [table, text])


def _method(config: Compare, layers: Sequence[Layers], n: int) -> Section:
    taps = "; ".join(f"{one.letter}: {', '.join(one.taps)}" for one in layers)
    text = (
        f"Debiased linear CKA over {n:,} images of {config.data}, the same rows in the same order for every encoder (checked by "
        "id and by what each image decodes to), each in its own preprocessing. Taps without a readout are the class token "
        f"where there is one, else the mean over places. Taps: {taps}.\n\n"
        "Intervals are 95 %, delete-a-group jackknife over images. Similarity depends on the images: another set can "
        "give another picture, so compare on two before concluding. The biased form would read .28 on 500 images "
        "of independent 192-wide features; this one reads 0 and may be slightly negative."
    )
    return Section("How it was measured", [Text(text)])
