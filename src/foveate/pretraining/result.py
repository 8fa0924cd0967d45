"""What came of a run: the test accuracy beside the untrained network, in words too, and what to do where nothing was gained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from foveate.core.estimate import Estimate
from foveate.pretraining.budget import FEW_STEPS
from foveate.pretraining.harm import listed
from foveate.pretraining.oddities import named
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Section, Table, Text

if TYPE_CHECKING:
    from foveate.pretraining.evaluate import Evaluated
    from foveate.pretraining.report import Story

METHODS = {"knn": "kNN", "ridge": "ridge"}


def result(report: Report, story: Story, diagnosis: str | None) -> None:
    """The report's metrics, its answer and its first section."""
    evaluated, s = story.evaluated, story.settings
    outcome = story.outcome
    rate = f"; {outcome.images_per_second:,.0f} images/s on {story.device}" if outcome.images_per_second else ""
    rate += " in bf16" if rate and story.bf16 else ""
    blocks: list[Block] = []
    if diagnosis:
        blocks.append(Text(f"What the monitors say: {diagnosis}", tone="warning"))
    if evaluated is None:
        report.answer = f"Trained{rate}." + (f" What the monitors say: {diagnosis}" if diagnosis else "")
        blocks.append(
            Text(
                "There are no labelled test rows, so nothing says yet what the features are good for."
                if story.tested
                else "Test rows were not read: this run is one of several to choose from.",
                tone="note",
            )
        )
    else:
        if advice := _advice(story, evaluated, diagnosis):
            blocks.append(Text(advice, tone="warning"))
        if evaluated.repeated:
            blocks.append(Text(f"{repeated(evaluated)}.", tone="warning"))
        blocks.append(_measured(report, evaluated))
        before = evaluated.start or evaluated.untrained
        knn, ridge = (evaluated.accuracy[method] for method in METHODS)
        report.answer = (
            f"{gains(evaluated)}. kNN {interval(knn._asdict())} and ridge {interval(ridge._asdict())} on {evaluated.images[1]:,} "
            f"test images; before training {_both(before)}; bare pixels {_both(evaluated.pixels)}{rate}."
        )
    taps = "pooled projector" if story.objective.projector is not None else "pooled"
    blocks.append(
        Text(
            f"To go on: `foveate probe run:{story.folder} {s.data} --taps {taps}`, `foveate compare run:{story.folder} …`."
        )
    )
    report.section(Section("What came of it", blocks, lead=report.answer))


def _both(values: Mapping[str, Estimate]) -> str:
    return " and ".join(number(values[method].value) for method in METHODS)


def gains(evaluated: Evaluated) -> str:
    """Each method's paired difference to what training began with, in words: gained, lost, or not shown to differ."""
    control = "the weights that it went on from" if evaluated.start else "the same network untrained"
    worded = "; ".join(_worded(METHODS[method], each) for method, each in _moved(evaluated).items())
    return f"Against {control}, {worded}"


def doubts(evaluated: Evaluated | None) -> str:
    """The same, but only where something was lost or nothing gained; else empty."""
    return gains(evaluated) if evaluated is not None and _unwon(evaluated) else ""


def repeated(evaluated: Evaluated) -> str:
    """How many test rows are no test, since training rows are the same picture."""
    ids = evaluated.repeated
    verb = "stands" if len(ids) == 1 else "stand"
    return (
        f"{len(ids):,} of {evaluated.images[1]:,} test images ({named(ids)}) {verb} among the training rows too, pixel for pixel: "
        "what is read of them is memory, and the accuracy is too high; take them out of one of the two"
    )


def _moved(evaluated: Evaluated) -> dict[str, Estimate]:
    return evaluated.since_start or evaluated.gain


def _unwon(evaluated: Evaluated) -> bool:
    moved = _moved(evaluated).values()
    return any(each.high < 0 for each in moved) or not any(each.low > 0 for each in moved)


def _worded(name: str, moved: Estimate) -> str:
    said = interval(moved._asdict())
    if moved.low > 0:
        return f"{name} gained {said}"
    return f"{name} lost ({said})" if moved.high < 0 else f"{name} is not shown to differ ({said})"


def _advice(story: Story, evaluated: Evaluated, diagnosis: str | None) -> str:
    """What to change, the likeliest cause first, a paragraph each; empty where training helped and pixels do not tell more."""
    if not _unwon(evaluated):
        return _better_bare(evaluated)
    moved = _moved(evaluated).values()
    lost, gained = any(each.high < 0 for each in moved), any(each.low > 0 for each in moved)
    if lost and gained:
        return (
            "One reading gained and the other lost: features were moved, not made better or worse for all uses. Judge by the reading "
            "that you will use (ridge: a linear layer on top; kNN: search), or fine-tune (`foveate probe --task finetune`)."
        )
    ways = ["Training took away what the labels need." if lost else "Nothing shows that training helped."]
    ways += [bare] if (bare := _better_bare(evaluated)) else []
    if diagnosis:
        ways[0] += " Begin with what the monitors say, unless a view below makes one class look like another."
    if changed := listed(story.views, code="`"):
        ways.append(
            "Look at the views below: what they change at random an encoder learns to ignore, whether or not a label needs it. "
            f"Here images are {changed}."
        )
    if (steps := story.outcome.steps) < FEW_STEPS:
        ways.append(
            f"The run made {steps:,} steps, and little is learned in fewer than some {FEW_STEPS}: give a smaller `--batch` or more `--epochs`."
        )
    elif not lost:
        ways.append(f"The run made {steps:,} steps: more `--epochs` may show it.")
    ways.append("Try the learning rate: half and twice `--lr`.")
    return "\n\n".join(ways)


def _better_bare(evaluated: Evaluated) -> str:
    """A warning where bare pixels are shown to tell more than the encoder, by the better reading of each."""
    method = max(METHODS, key=lambda each: evaluated.pixels[each].value)
    if evaluated.over_pixels[method].high >= 0 or evaluated.pixels[method].value <= max(
        each.value for each in evaluated.accuracy.values()
    ):
        return ""
    return (
        f"Bare pixels tell more than this encoder: {METHODS[method]} {interval(evaluated.pixels[method]._asdict())} on 16 × 16 colours. "
        "What the labels need is there, and is not kept yet."
    )


def _measured(report: Report, evaluated: Evaluated) -> Table:
    """The table of accuracies, whose cells become the report's metrics."""
    rows: list[list[Any]] = []
    for method, name in METHODS.items():
        report.metric(f"{method}.accuracy", evaluated.accuracy[method], chance=evaluated.chance)
        report.metric(f"{method}.untrained", evaluated.untrained[method], chance=evaluated.chance)
        report.metric(f"{method}.pixels", evaluated.pixels[method], chance=evaluated.chance)
        report.metric(f"{method}.gain", evaluated.gain[method])
        if evaluated.start:
            report.metric(f"{method}.start", evaluated.start[method], chance=evaluated.chance)
            report.metric(f"{method}.gain_over_start", evaluated.since_start[method])
        label = f"kNN, k = {evaluated.k}" if method == "knn" else name
        values = [
            evaluated.accuracy[method],
            evaluated.untrained[method],
            evaluated.pixels[method],
            evaluated.gain[method],
        ]
        started = [evaluated.start[method]] if evaluated.start else []
        rows.append([label, values[0], *started, *values[1:]])
        report.headline(
            f"{method}.accuracy",
            f"{name} accuracy",
            controls={"untrained": f"{method}.untrained", "pixels": f"{method}.pixels"},
        )
    return Table(
        [
            "method",
            "trained",
            *(["before training"] if evaluated.start else []),
            "untrained",
            "pixels",
            "gain over untrained",
        ],
        rows,
        caption=f"Test accuracy of the backbone's pooled features (chance {number(evaluated.chance)}).",
        id="test-accuracy",
    )
