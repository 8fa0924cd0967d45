"""The page of the task ``decode``: how near the pictures come beside their controls, and the pictures themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from foveate.core.address import brief
from foveate.probing.decode.fit import Decoded
from foveate.probing.decode.measure import SIDE, Painted
from foveate.reporting import charts
from foveate.reporting.charts import Point
from foveate.reporting.galleries import picture
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Exhibit, Gallery, Picture, Section, Table, Text

_WORDS = {
    "untrained": "the untrained twin", "shuffled": "shuffled features", "colour": "mean colour alone", "mean": "the mean image"
}  # fmt: skip
_SHOWN, _TAPS = 10, 6  # images of the gallery, and taps of each
_LARGE = 4  # times; a pixel is a square


def write(found: Painted) -> Report:
    """The report."""
    config, described = found.config, found.encoder.describe()
    first, controls = found.taps[0], found.controls
    answer = f"{interval(found.found[first].r2._asdict())} of the pixels' variance can be painted back"
    if "untrained" in controls:
        answer += f"; from its untrained twin {number(controls['untrained'].r2.value)}"
    report = Report(
        "probe",
        f"What {brief(config.encoder)} still holds of the images of {brief(config.data)}",
        answer=f"{answer}; who knew each image's mean colour alone would reach {number(controls['colour'].r2.value)}.",
        inputs={
            "encoder": {key: described[key] for key in ("address", "parameters", "width", "fingerprint")}
            | {"tap": first},
            "train": {"address": config.data, "rows": len(found.train)},
            "test": {"address": config.test or config.data, "rows": len(found.test), "how": found.pair.how},
        },
        config=config,
    )
    _metrics(found, report)
    for id, reason in (*found.train.unreadable, *found.test.unreadable):
        report.skip(id, reason)
    report.section(_gallery(found))
    report.section(_scores(found))
    report.section(_curves(found))
    report.section(_method(found))
    return report


def _metrics(found: Painted, report: Report) -> None:
    first = found.found[found.taps[0]]
    for quantity in ("r2", "psnr"):
        chance = 0.0 if quantity == "r2" else None
        report.metric(f"decode.{quantity}", getattr(first, quantity), chance=chance)
        named = {}
        for name, control in found.controls.items():
            if quantity == "r2" and name == "mean":
                continue  # 0 by definition
            key = f"decode.{quantity}.{name}"
            report.metric(key, getattr(control, quantity), chance=chance)
            named[_WORDS[name]] = key
        for tap in found.taps if len(found.taps) > 1 else ():
            report.metric(f"decode.{quantity}@{tap}", getattr(found.found[tap], quantity), chance=chance)
        label = "variance of pixels explained" if quantity == "r2" else "PSNR, dB"
        report.headline(f"decode.{quantity}", f"{label}, at {found.taps[0]}", controls=named)
    if "untrained" in found.controls:
        report.metric("decode.gain", first.gain(found.controls["untrained"]))


def _gallery(found: Painted) -> Section:
    test = found.images.test
    positions = np.unique(np.linspace(0, len(test) - 1, min(_SHOWN, len(test))).round().astype(int))
    exhibits = []
    for at in positions:
        pictures = [_picture(test[at] / np.float32(255), "image")]
        for tap in found.taps[:_TAPS]:
            pictures.append(_picture(found.found[tap].pictures[at], f"from {tap}"))
        if "untrained" in found.controls:
            pictures.append(_picture(found.controls["untrained"].pictures[at], "from the untrained twin"))
        exhibits.append(Exhibit(found.test.ids[at], pictures))
    pictures = [_picture(found.images.mean, "the mean image")]
    lead = (
        "Each picture is the decoder's best guess in squared error: the mean of all images that would give such features. What is sharp in it the features tell; "
        "where it is blurred or grey, images that differ there look alike to them."
    )
    blocks = [Gallery(exhibits, id="decoded"), Gallery([Exhibit("where nothing is told", pictures)], id="mean")]
    return Section("What can be painted back", blocks, lead)


def _picture(pixels: Float[np.ndarray, "s s 3"], caption: str) -> Picture:
    large = (255 * pixels).round().astype(np.uint8).repeat(_LARGE, axis=0).repeat(_LARGE, axis=1)
    return picture(np.ascontiguousarray(large), caption=caption, side=SIDE * _LARGE)


def _scores(found: Painted) -> Section:
    read: list[tuple[str, Decoded]] = [*found.found.items()]
    read += [(_WORDS[name], found.controls[name]) for name in _WORDS if name in found.controls]
    chart = charts.intervals(
        [Point.of(name, each.r2) for name, each in read if name != _WORDS["mean"]],
        value="share of the pixels' variance explained",
        chance=0.0,
        alt="Share of the pixels' variance that a decoder explains on the test images, by tap and by control.",
    )
    table = Table(
        ["from", "variance explained", "PSNR, dB", "passes"],
        [[name, each.r2, each.psnr, each.best if each.curve else None] for name, each in read],
        caption="Scores behind the chart; passes are those after which the decoder was best on held-out training images.",
        id="scores",
    )
    blocks: list[Any] = [chart, table]
    if not found.config.controls:
        blocks.append(
            Text("Controls were left out (--no-controls): nothing says what the figures owe to training.", "warning")
        )
    elif (shuffled := found.controls["shuffled"].r2).low > 0.05:
        blocks.append(
            Text(
                f"Shuffled features explain {interval(shuffled._asdict())}: something else than features is read.",
                "warning",
            )
        )
    return Section("How near they come", blocks)


def _curves(found: Painted) -> Section:
    read = found.found | {_WORDS[name]: each for name, each in found.controls.items() if each.curve}
    points = [
        Point(float(at), value, series=name) for name, each in read.items() for at, value in enumerate(each.curve)
    ]
    chart = charts.lines(
        points, x="pass", y="variance explained", along="numbers", chance=0.0,
        alt="Share of variance explained on held-out training images, pass by pass.",
    )  # fmt: skip
    return Section(
        "Pass by pass",
        [chart],
        f"On {len(found.images.held):,} training images that are not trained on; 0 passes are the mean image.",
    )


def _method(found: Painted) -> Section:
    text = (
        f"A linear map to 4 × 4 places and convolutions that double the side, from one vector of features to {SIDE} × {SIDE} pixels of the image as the network sees it. "
        f"It is trained by squared error (AdamW, at most {found.epochs} passes over {len(found.images.fit):,} images) to say how the image differs from the mean image, and paints with the "
        "weights that were best on held-out training images. Test images are read once.\n\n"
        "Variance explained: 1 less the squared error over that of the mean image, all test images' pixels together, with a bootstrap over images. PSNR is the mean over images, at most "
        "58.9 dB, where an error is within the rounding of 8 bits.\n\n"
        "Untrained: the same architecture with fresh weights; it may well keep more of the pixels than a trained one, which has learnt what to leave out. Shuffled: each training image with another's "
        "features. Mean colour: the mean image moved to each test image's own mean colour.\n\n"
        "Bordes, Balestriero and Vincent (2022) look at features by sampling images from a diffusion model that is conditioned on them, whose pictures are sharp. A plain decoder shows their "
        f"mean, which is blurred, and can be scored. {found.pair.how}."
    )
    return Section("How it was measured", [Text(text)])
