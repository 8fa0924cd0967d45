"""What a pretraining run tells: what came of it, how it went, what it saw, how it was set, and how to go on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from foveate.core.seeds import torch_stream
from foveate.data.views import View, apply, draw
from foveate.pretraining.config import Pretrain
from foveate.pretraining.evaluate import Evaluated
from foveate.pretraining.material import Material
from foveate.pretraining.objective import Objective
from foveate.reporting.charts import Point, lines
from foveate.reporting.galleries import picture
from foveate.reporting.numbers import interval, number
from foveate.reporting.record import Report
from foveate.reporting.sections import Block, Chart, Column, Exhibit, Gallery, Section, Table, Text
from foveate.training.loop import Outcome, Plan

_METHODS = {"knn": "kNN", "ridge": "ridge"}


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
    epochs = [line for line in story.log if line.get("event") == "epoch"]
    diagnosis = next((str(line["diagnosis"]) for line in reversed(epochs) if line.get("diagnosis")), None)
    _outcome(report, story, diagnosis)
    report.section(_curves(story, epochs, diagnosis))
    report.section(_gallery(story))
    report.section(_settings(story))
    return report


def _outcome(report: Report, story: Story, diagnosis: str | None) -> None:
    evaluated, s = story.evaluated, story.settings
    rate = f"{story.outcome.images_per_second:,.0f} images/s on {story.device}" + (" in bf16" if story.bf16 else "")
    blocks: list[Block] = []
    if diagnosis:
        blocks.append(
            Text(f"The run {diagnosis}" if diagnosis.startswith("collapsed") else f"{diagnosis}", tone="warning")
        )
    if evaluated is None:
        report.answer = f"Trained at {rate}." + (f" It {diagnosis}" if diagnosis else "")
        blocks.append(
            Text(
                "There are no labelled test rows, so nothing says yet what the features are good for."
                if story.tested
                else "Test rows were not read: this run is one of several to choose from.",
                tone="note",
            )
        )
    else:
        rows = []
        for method, name in _METHODS.items():
            report.metric(f"{method}.accuracy", evaluated.accuracy[method], chance=evaluated.chance)
            report.metric(f"{method}.untrained", evaluated.untrained[method], chance=evaluated.chance)
            report.metric(f"{method}.gain", evaluated.gain[method])
            label = f"kNN, k = {evaluated.k}" if method == "knn" else name
            rows.append([label, evaluated.accuracy[method], evaluated.untrained[method], evaluated.gain[method]])
            report.headline(f"{method}.accuracy", f"{name} accuracy", controls={"untrained": f"{method}.untrained"})
        knn, ridge = (evaluated.accuracy[method] for method in ("knn", "ridge"))
        report.answer = (
            f"kNN {interval(knn._asdict())} and ridge {interval(ridge._asdict())} on {evaluated.images[1]:,} test images; before "
            f"training {number(evaluated.untrained['knn'].value)} and {number(evaluated.untrained['ridge'].value)}; {rate}."
        )
        table = Table(
            ["method", "trained", "untrained", "gain"],
            rows,
            caption=f"Test accuracy of the backbone's pooled features (chance {number(evaluated.chance)}).",
            id="test-accuracy",
        )
        blocks.append(table)
    taps = "pooled projector" if story.objective.projector is not None else "pooled"
    blocks.append(
        Text(
            f"To go on: `foveate probe run:{story.folder} {s.data} --taps {taps}`, `foveate compare run:{story.folder} …`."
        )
    )
    report.section(Section("What came of it", blocks, lead=report.answer))


def _curves(story: Story, epochs: Sequence[Mapping[str, Any]], diagnosis: str | None) -> Section:
    def chart(series: Mapping[str, str], y: str, title: str, **more: Any) -> Chart | None:
        points = [
            Point(x=float(line["epoch"]), y=float(line[key]), series=name)
            for key, name in series.items()
            for line in epochs
            if isinstance(line.get(key), int | float)
        ]
        if not points:
            return None
        shown = {point.series for point in points}
        return lines(
            points,
            x="epoch",
            along="numbers",
            y=y,
            alt=f"{y} by epoch: {', '.join(sorted(shown))}",
            caption=title,
            **more,
        )

    classes = len(story.material.classes)
    skip = {
        "event",
        "time",
        "epoch",
        "step",
        "loss",
        "gradient_norm",
        "batch_std",
        "batch_spread",
        "probe_train",
        "diagnosis",
        "fallen_std",
        "fallen_spread",
        "held_out",
    }
    measured = {
        "knn",
        "probe",
        *(f"{n}{p}" for n in ("rankme", "directions", "std", "spread", "width") for p in ("", "_projector")),
    }
    terms = {key: key for line in epochs for key in line if key not in skip | measured}
    charts = [
        chart({"loss": "loss"}, "loss", "The loss, mean over each epoch."),
        chart(terms, "term", "The loss's terms, unweighted.") if terms else None,
        chart(
            {"knn": "kNN", "probe": "online linear probe"},
            "accuracy on held-out images",
            f"Accuracy on {len(story.material.held_out):,} images that are not trained on.",
            chance=1 / classes if classes > 1 else None,
        ),
        chart(
            {"rankme": "backbone", "rankme_projector": "projector"},
            "RankMe",
            "Directions in use: the effective rank of embeddings.",
        ),
        chart(
            {"std": "backbone", "std_projector": "projector"},
            "std of unit embeddings × √d",
            "1 when embeddings point everywhere, 0 when all images get the same one.",
            zero=True,
        ),
    ]
    blocks: list[Block] = [item for item in charts if item is not None]
    lead = f"It {diagnosis}" if diagnosis else f"{len(epochs) - 1} epochs, no sign of collapse."
    return Section("How it went", blocks, lead=lead)


def _gallery(story: Story, images: int = 6) -> Section:
    """A few images and the views that the objective was given of them."""
    material = story.material
    rows = material.train[torch.linspace(0, len(material.train) - 1, min(images, len(material.train))).round().long()]
    sample = material.sample(rows)
    stream = torch_stream(story.settings.seed, "gallery")
    made = [apply(sample.pixels, draw(view, material.sizes[rows], stream), view) for view in story.views]
    exhibits = []
    for i in range(len(rows)):
        pictures = [picture(sample.pixels[i].permute(1, 2, 0).contiguous().numpy(), caption="image")]
        for which, view in enumerate(made, 1):
            pixels = (view[i].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().cpu().numpy()
            pictures.append(picture(pixels, caption=f"view {which}"))
        label = material.classes[int(sample.labels[i])] if sample.labels is not None and material.classes else ""
        exhibits.append(Exhibit(title=label or f"image {i + 1}", pictures=pictures))
    return Section(
        "What it saw",
        [Gallery(exhibits, caption="Training images, squashed to the square they are kept as, and views of them.")],
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
        "batch": f"{story.batch}" + (f", {plan.micro_batch} at a time" if plan.micro_batch else ""),
        "optimiser": f"{plan.optimizer}, weight decay {plan.weight_decay:g}",
        "learning rate": f"{plan.rate:.4g} ({s.lr:g} at 256 images, rule {s.lr_rule})",
        "warm-up": f"{plan.warmup} of {story.outcome.steps} steps, then cosine",
        "gradient clipping": "none" if plan.clip is None else f"{plan.clip:g}",
        "precision": "bf16 autocast" if story.bf16 else "fp32",
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


def _plain(value: Any) -> str:
    if isinstance(value, tuple | list):
        return " ".join(map(_plain, value)) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
