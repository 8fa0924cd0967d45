"""What a pretraining run tells: what came of it, how it went, what it saw, how it was set, and how to go on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foveate.data.views import View
from foveate.pretraining.config import Pretrain
from foveate.pretraining.curves import curves, failure
from foveate.pretraining.evaluate import Evaluated
from foveate.pretraining.gallery import exhibits, pairs
from foveate.pretraining.layers import layers
from foveate.pretraining.material import Material
from foveate.pretraining.objective import Objective
from foveate.pretraining.result import doubts, result
from foveate.pretraining.selection.skew import draws
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Column, Gallery, Section, Table, Text
from foveate.training.growth import GROWN
from foveate.training.loop import Outcome, Plan


@dataclass(frozen=True, kw_only=True)
class Story:
    """All that the report is written from."""

    settings: Pretrain
    reasons: Sequence[tuple[str, str]] = ()
    tested: bool = True
    folder: Path
    objective: Objective
    views: Sequence[View]
    material: Material
    odd: Sequence[str] = ()
    plan: Plan
    batch: int
    outcome: Outcome
    bf16: bool
    device: str
    log: Sequence[Mapping[str, Any]]
    evaluated: Evaluated | None


def tell(story: Story) -> Report:
    """The report of a finished run."""
    s, material = story.settings, story.material
    report = Report(verb="pretrain", title=f"{s.objective} on {s.encoder}, {s.data}, {s.epochs} epochs")
    report.inputs = {
        "data": {"address": s.data, "rows": len(material.pixels), "trained": len(material.train)},
        "encoder": str(s.encoder),
    }
    if story.evaluated is not None:
        report.inputs["test"] = {"address": s.test or material.how, "rows": story.evaluated.images[1]}
    for name, reason in material.unreadable:
        report.skip(name, reason)
    for copy in material.copies:
        report.skip(
            material.ids[copy.row], f"shows the picture of {material.ids[copy.of]}, {copy.distance:.1f} levels apart"
        )
    diagnosis = failure([line for line in story.log if line.get("event") == "epoch"])
    result(report, story, diagnosis)
    held, classes = len(material.held_out), len(material.classes)
    report.section(curves(story.log, held=held, classes=classes, doubts=doubts(story.evaluated)))
    if (by_layer := layers(story.log)) is not None:
        report.section(by_layer)
    report.section(_gallery(story))
    report.section(_settings(story))
    return report


def _gallery(story: Story) -> Section:
    """A few images and the views that the objective was given of them."""
    shown = exhibits(story.material, story.views, seed=story.settings.seed)
    blocks: list[Block] = [
        *(Text(f"{words}.", tone="warning") for words in story.odd),
        Gallery(shown, caption="Training images, squashed to the square they are kept as, and views of them."),
    ]
    if (copies := len(story.material.copies)) > 0:
        said = f"{copies:,} image{'s' * (copies > 1)} left out as copies; the least alike of them."
        blocks.append(Gallery(pairs(story.material), caption=said, id="copies"))
    return Section(
        "What it saw",
        blocks,
        lead=f"{len(story.views)} view{'s' * (len(story.views) > 1)} of each image, drawn anew each time.",
    )


def _settings(story: Story) -> Section:
    s, plan = story.settings, story.plan
    assert s.lr is not None
    own = {f"--set {name}": value for name, value in dataclasses.asdict(story.objective.config).items()}
    rows: dict[str, Any] = {
        "objective": s.objective,
        "encoder": s.encoder,
        "trained on": f"{len(story.material.train):,} images",
        "held out for the curves": f"{len(story.material.held_out):,} images",
        "image size": f"{story.objective.setting.image_size} px, cropped from {story.material.pixels.shape[-1]} px",
        **({"progressive": _growth(s.progressive)} if s.progressive is not None else {}),
        "batch": f"{story.batch}" + (f", {plan.micro_batch} at a time" if plan.micro_batch else ""),
        "optimiser": f"{plan.optimizer}, weight decay {plan.weight_decay:g}",
        "learning rate": f"{plan.rate:.4g} ({s.lr:g} at 256 images, rule {s.lr_rule})",
        "warm-up": f"{plan.warmup} of {story.outcome.steps} steps, then cosine",
        "gradient clipping": "none" if plan.clip is None else f"{plan.clip:g}",
        **({"checkpointing": "blocks run again in the backward pass"} if s.checkpointing else {}),
        "precision": "bf16 autocast" if story.bf16 else "fp32",
        **({"subset": story.material.subset} if story.material.subset else {}),
        **draws(story.material, s),
        **own,
    }
    for which, view in enumerate(story.views, 1):
        rows[f"view{which}"] = ", ".join(
            f"{k} {_plain(v)}" for k, v in dataclasses.asdict(view).items() if v is not None
        )
    table = Table(
        [Column("setting", "text"), Column("value", "text")], [[k, _plain(v)] for k, v in rows.items()], id="settings"
    )
    blocks: list[Block] = [table]
    if story.reasons:
        chosen = [list(each) for each in story.reasons]
        blocks.insert(0, Table([Column("chosen", "text"), Column("because", "text")], chosen, id="auto"))
    return Section("How it was set", blocks)


def _growth(start: float) -> str:
    return f"views begin with {start:g} of their side and are whole after {GROWN:g} of the run"


def _plain(value: Any) -> str:
    if isinstance(value, tuple | list):
        return " ".join(map(_plain, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
