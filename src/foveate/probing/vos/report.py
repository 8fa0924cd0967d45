"""The page of a run of the task ``vos``: J and F beside their controls, video by video, over time, and to look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import UInt8

from foveate.core.address import brief
from foveate.core.findings import Control, Finding, judge
from foveate.features.pixels import originals
from foveate.probing.vos.files import palette, read_mask
from foveate.probing.vos.measure import CEILING, COPY, Followed
from foveate.probing.vos.reading import QUANTITIES, by_object, gain, over_time, overall, unit, within
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.galleries import picture
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Column, Exhibit, Gallery, Section, Table, Text

GAIN = 0.05
"""δ: the smallest gain in J&F over a control that counts."""
_CONTROLS = ("untrained", "pixels", COPY, CEILING)
_WORDS = {"jf": "J&F", "j": "J", "f": "F"}
_EXHIBITS, _PARTS = 12, 10


def write(found: Followed) -> Report:
    """The report."""
    config, described = found.config, found.encoder.describe()
    values, _ = by_object(found, found.headline, "jf")
    report = Report(
        "probe",
        f"How well objects can be followed by {brief(config.encoder)} in {brief(config.data)}",
        answer=_answer(found),
        inputs={
            "encoder": {key: described[key] for key in ("address", "parameters", "width", "fingerprint")}
            | {"tap": found.headline},
            "videos": {
                "address": config.test or config.data,
                "videos": len(found.videos),
                "objects": len(values),
                "frames": sum(map(len, found.videos)),
            },
        },
        config=config,
    )
    _metrics(found, report)
    for finding in _findings(found):
        report.finding(finding)
    report.section(_scores(found))
    if len(found.taps) > 1:
        report.section(_taps(found))
    report.section(_by_video(found))
    if (parts := min(_PARTS, *(len(video) - 2 for video in found.videos))) > 1:
        report.section(_over_time(found, parts))
    report.section(_gallery(found))
    report.section(_method(found))
    return report


def _controls(found: Followed) -> list[str]:
    return [name for name in _CONTROLS if name in found.methods]


def _answer(found: Followed) -> str:
    of = {name: number(overall(found, name).value) for name in _controls(found)}
    text = f"J&F {interval(overall(found, found.headline)._asdict())}; the first mask left where it is {of[COPY]}"
    if "untrained" in of:
        text += f", the untrained twin {of['untrained']}, pixels {of['pixels']}"
    return f"{text}; true masks as coarse as the tokens {of[CEILING]}."


def _metrics(found: Followed, report: Report) -> None:
    over = unit(found)
    for quantity in QUANTITIES:
        if quantity.endswith("decay") and over == "frames":
            report.skip(f"vos.{quantity}", "of one video alone it has no interval")
            continue
        report.metric(f"vos.{quantity}", overall(found, found.headline, quantity), over=over)
        for name in _controls(found):
            report.metric(f"vos.{quantity}.{name}", overall(found, name, quantity), over=over)
    for quantity in _WORDS:
        for tap in found.taps if len(found.taps) > 1 else ():
            report.metric(f"vos.{quantity}@{tap}", overall(found, tap, quantity), over=over)
        for video in found.videos:
            one = within(found.scores[video.name], found.headline, quantity)
            report.metric(f"vos.{quantity}/{_slice(video.name)}", one, over="frames")
    controls = {name: f"vos.jf.{name}" for name in _controls(found)}
    report.headline("vos.jf", f"J&F at {found.headline}", controls=controls)


def _slice(name: str) -> str:
    return " ".join(name.split()) or "unnamed"


def _findings(found: Followed) -> Iterable[Finding]:
    ceiling = gain(found, CEILING)
    control = Control(
        "true masks as coarse as the tokens, less the encoder", -ceiling.value, -ceiling.high, -ceiling.low
    )
    claims = {
        COPY: "Objects are followed better than by leaving the first mask where it is.",
        "untrained": "The encoder follows objects better than its untrained twin.",
    }
    for name, claim in claims.items():
        if name not in found.methods:
            continue
        one = gain(found, name)
        sound = ceiling.value <= 1e-9
        note = "" if sound else "the encoder is above what its tokens' grain allows"
        if len(found.videos) == 1:
            note = "one video says nothing of others"
        yield Finding(
            id=f"gain-{name}",
            claim=claim,
            source="the rule by which a trained encoder may enter a comparison",
            statistic="J&F less that of the control, on the same objects",
            value=one.value,
            low=one.low,
            high=one.high,
            n=one.n,
            over="objects",
            null=0.0,
            threshold=GAIN,
            control=control,
            verdict=judge(one, threshold=GAIN, controls_behave=sound),
            note=note,
        )


def _scores(found: Followed) -> Section:
    named = [("trained", found.headline), *((name, name) for name in _controls(found))]
    points = [Point.of(word, overall(found, m, q), name) for q, word in _WORDS.items() for name, m in named]
    chart = charts.intervals(
        points,
        value=f"mean over {unit(found)}",
        domain=(0.0, 1.0),
        alt="J&F, J and F of the encoder and of its controls, with their intervals.",
        caption="The encoder, the same network with fresh weights, bare colours, the first mask left where it is, and the true "
        "masks made as coarse as the tokens: no propagation is finer.",
    )
    scores = Table(
        ["masks by", *_WORDS.values()],
        [[name, *(overall(found, method, quantity) for quantity in _WORDS)] for name, method in named],
        caption="The scores behind the chart.",
        id="scores",
    )
    others = {quantity: f"{quantity[0].upper()} {quantity[2:]}" for quantity in QUANTITIES if quantity not in _WORDS}
    more = Table(
        ["masks by", *others.values()],
        [[name, *(overall(found, method, quantity) for quantity in others)] for name, method in named],
        caption="Recall is the share of frames above .5; decay the first quarter of the frames less the last.",
        id="recall",
    )
    blocks: list[Block] = [chart, scores, more]
    if not found.config.controls:
        blocks.append(Text("The untrained twin and pixels were left out (--no-controls).", "warning"))
    return Section("J, F and their controls", blocks, _answer(found))


def _taps(found: Followed) -> Section:
    rows = [[tap, *(overall(found, tap, quantity) for quantity in _WORDS)] for tap in found.taps]
    points = [Point.of(tap, overall(found, tap)) for tap in found.taps]
    chart = charts.lines(points, x="tap", y="J&F", alt="J&F at each tap.")
    table = Table([Column("tap", "code"), *_WORDS.values()], rows, caption="J and F by tap.", id="taps")
    best = max(found.taps, key=lambda tap: overall(found, tap).value)
    lead = (
        f"Objects are followed best at {best} ({number(overall(found, best).value)}). The best of several taps is an upper "
        "figure: fix the tap on other videos before quoting it."
    )
    return Section("Tap by tap", [chart, table], lead)


def _by_video(found: Followed) -> Section:
    controls = _controls(found)
    rows: list[list[Any]] = []
    for video in found.videos:
        scores = found.scores[video.name]
        rows.append(
            [
                video.name,
                len(video),
                len(scores[found.headline]),
                within(scores, found.headline),
                *(float(scores[found.headline][..., index].mean()) for index in (0, 1)),
                *(float(scores[name].mean()) for name in controls),
            ]
        )
    table = Table(
        [Column("video", "code"), "frames", "objects", *_WORDS.values(), *(f"J&F {name}" for name in controls)],
        rows,
        caption="Each video; the interval of J&F is over stretches of its frames.",
        id="videos",
    )
    means = {video.name: float(found.scores[video.name][found.headline].mean()) for video in found.videos}
    best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    lead = f"Best {best} ({number(means[best])}), worst {worst} ({number(means[worst])})."
    return Section("Video by video", [table], lead)


def _over_time(found: Followed, parts: int) -> Section:
    named = [("trained", found.headline), *((name, name) for name in ("untrained", COPY) if name in found.methods)]
    series = {name: over_time(found, method, parts) for name, method in named}
    points = [
        Point.of(round(100 * (part + 0.5) / parts, 1), one, name)
        for name, estimates in series.items()
        for part, one in enumerate(estimates)
    ]
    chart = charts.lines(
        points,
        x="of the video gone, %",
        y="J&F",
        along="numbers",
        zero=True,
        alt="J&F against the share of the video that is gone, for the encoder, its untrained twin and the first mask.",
        caption="Errors add up: frames are predicted from predictions.",
    )
    first, last = series["trained"][0].value, series["trained"][-1].value
    lead = f"From {number(first)} in the first of {parts} parts of the videos to {number(last)} in the last."
    return Section("Over time", [chart], lead)


def _gallery(found: Followed) -> Section:
    order = sorted(found.videos, key=lambda video: float(found.scores[video.name][found.headline].mean()))
    exhibits = []
    for video in order[:_EXHIBITS]:
        scores, truth = found.scores[video.name][found.headline], video.masks()
        shown = sorted({0, len(video) // 3, 2 * len(video) // 3, len(video) - 2})
        pixels = originals(video.dataset, np.array(video.rows), shown)
        pictures = [
            picture(
                overlay(pixels[position], read_mask(found.folder, video, position)),
                caption=f"frame {video.numbers[position]}",
                note=f"J&F {number(float(scores[:, position - 1].mean()), 2)}" if position else "given",
                group="predicted",
            )
            for position in shown
        ]
        pictures += [
            picture(
                overlay(pixels[position], truth[position]), caption=f"frame {video.numbers[position]}", group="truth"
            )
            for position in shown[1:]
        ]
        exhibits.append(Exhibit(video.name, pictures, note=f"J&F {number(float(scores.mean()))}"))
    lead = (
        "All videos, the worst first."
        if len(order) <= _EXHIBITS
        else f"The {_EXHIBITS} videos that are followed worst."
    )
    return Section("To look at", [Gallery(exhibits, id="overlays")], lead)


def overlay(pixels: UInt8[np.ndarray, "h w 3"], mask: UInt8[np.ndarray, "h w"]) -> UInt8[np.ndarray, "h w 3"]:
    """A frame with its objects tinted in their colours of DAVIS' palette, at twice their brightness."""
    tint = np.minimum(2 * palette().astype(np.uint16), 255)[mask]
    mixed = (pixels.astype(np.uint16) + tint) // 2
    return np.where(mask[..., None] > 0, mixed, pixels).astype(np.uint8)


def _method(found: Followed) -> Section:
    config = found.config
    sizes = sorted({(*found.frames[video.name], *found.grids[video.name]) for video in found.videos})
    listed = ", ".join(f"{h}×{w} ({rows}×{columns} tokens)" for h, w, rows, columns in sizes)
    near = f"no further than {config.radius} tokens away along each axis" if config.radius else "anywhere"
    text = (
        f"Tokens at {', '.join(found.taps)}, frozen; the headline is {found.headline}. Frames were seen at {listed}, resampled and "
        "normalised as the encoder's own preprocessing does, whole. Each token of a frame takes the labels of the "
        f"{config.topk} most similar tokens (cosine, weighed by exp(similarity / {config.temperature:g}); ties take part) of the first "
        f"frame and the last {config.context}, {near}. What is carried on are shares; for the answer they are made larger "
        "bilinearly, each channel is stretched to 0 … 1, the largest wins, and the nearest pixel gives the original's size.\n\n"
        "J is intersection over union, F the harmonic mean of contour precision and recall within 0.8 % of the diagonal. Both are "
        "means over frames without the first, which is given, and the last; then over objects, not videos. J&F is the mean of "
        "both. Recall is the share of frames above .5; decay is the first quarter less the last.\n\n"
        "Untrained: the same architecture with fresh weights. Pixels: 4 × 4 colours a token. Copy: the first mask at every frame. "
        "Ceiling: the true mask of each frame, sampled at the tokens and made larger again. Intervals are 95 %, by bootstrap: over "
        "whole videos for means over objects; of one video over stretches of its frames, which says nothing of other videos.\n\n"
        "The predicted masks stand in `masks/VIDEO/` of the run's folder as indexed PNGs with DAVIS' palette, as the official "
        "evaluator reads them; the scores of all frames in `scores/VIDEO.json`."
    )
    return Section("How it was measured", [Text(text)])
