"""What holds for every objective alike."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.pretraining import objectives
from foveate.pretraining.distillation import Distillation, Taught
from foveate.pretraining.knobs import documented
from foveate.pretraining.masked import MaskedDistillation
from foveate.pretraining.monitors.names import check_terms
from foveate.pretraining.objective import Batch, LossOutput, Objective, Progress, Setting
from foveate.pretraining.registry import OBJECTIVES
from foveate.training.ema import EMA
from tests.pretraining.objectives.conftest import OWN, extending, of_patches

# What an objective is follows from what it extends, so that a new one is tested as what it is.
STUDENTS = extending(Taught)
FOLLOWED = [name for name in STUDENTS if OBJECTIVES.load(name).Config().teacher != "none"]
FOLLOWED += extending(MaskedDistillation)


@pytest.fixture(params=OWN)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def step(objective: Objective, batch: Any) -> torch.Tensor:
    output = objective.loss(batch)
    output.loss.backward()
    return output.loss.detach()


def test_every_file_of_an_objective_is_in_the_visible_list() -> None:
    folder = Path(objectives.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == set(OWN), "a line in src/foveate/pretraining/registry.py for each (docs/extending.md)"


def test_every_trained_weight_gets_a_gradient(build_objective: Any, make_batch: Any, name: str) -> None:
    objective = build_objective(name)
    loss = step(objective, make_batch(objective))
    assert bool(torch.isfinite(loss))
    without = [n for n, p in objective.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []
    assert all(bool(torch.isfinite(p.grad).all()) for p in objective.parameters() if p.grad is not None)


def test_it_has_a_test_of_its_own(name: str) -> None:
    path = Path(__file__).with_name(f"test_{name}.py")
    assert path.exists(), (
        f"add tests/pretraining/objectives/{path.name}: the loss against its formula (docs/extending.md)"
    )


def test_the_same_batch_gives_the_same_loss(
    build_objective: Any, make_batch: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Masks and noise are functions of the batch's seed, and another seed draws others where there are any."""
    losses, draw, drawn = [], Batch.stream, []
    monkeypatch.setattr(Batch, "stream", lambda batch, name: drawn.append(name) or draw(batch, name))
    for seed in (1, 1, 2):
        objective = build_objective(name)
        losses.append(float(step(objective, dataclasses.replace(make_batch(objective), seed=seed))))
    assert losses[0] == losses[1]
    assert (losses[0] != losses[2]) == bool(drawn)
    assert drawn or name not in of_patches(), "what is hidden is drawn"


@pytest.mark.parametrize(("queueing", "knobs"), [("moco", {}), ("nnclr", {}), ("meanshift", {"neighbours": 2})])
def test_an_image_meets_nothing_of_its_own_in_a_queue(
    build_objective: Any, make_batch: Any, queueing: str, knobs: dict[str, Any]
) -> None:
    objective = build_objective(queueing, queue=7, **knobs)
    batch = dataclasses.replace(make_batch(objective), rows=torch.full((8,), 3))
    objective.queue.rows[:6] = 3
    before = objective.loss(batch).loss
    for place, same in ((slice(0, 6), True), (slice(6, 7), False)):
        objective.queue.held[place] *= -1
        assert torch.equal(objective.loss(batch).loss, before) == same


def test_a_loss_changes_nothing(build_objective: Any, make_batch: Any, name: str) -> None:
    """What moves (a teacher, a queue, a running mean) moves in ``after_step``: a loss may be computed again, or to no end."""
    objective = build_objective(name).eval()
    objective.loss(make_batch(objective))  # a vocabulary begins with its first batch
    before = {key: value.clone() for key, value in objective.state_dict().items()}
    objective.loss(make_batch(objective))
    for key, value in objective.state_dict().items():
        torch.testing.assert_close(value, before[key], rtol=0, atol=0, msg=key)


def test_accumulation_is_the_whole_batch(build_objective: Any, make_batch: Any, name: str) -> None:
    """Without batch norm in the way (evaluation mode), pieces give the loss and the gradients of the whole."""
    results = []
    for pieces in (False, True):
        objective = build_objective(name).eval().double()
        batch = make_batch(objective)
        batch = dataclasses.replace(batch, views=[view.double() for view in batch.views])
        if not pieces:
            loss = step(objective, batch)
        elif objective.coupled:
            objective.chunk = 3
            loss = step(objective, batch)
        else:
            loss = torch.zeros((), dtype=torch.float64)
            for start, stop in ((0, 4), (4, 8)):
                output = objective.loss(batch.part(start, stop))
                (output.loss / 2).backward()
                loss += output.loss.detach() / 2
        objective.after_step(Progress(1, 10))
        state = torch.cat([value.flatten().double() for value in objective.state_dict().values()])
        results.append(
            (loss, torch.cat([p.grad.flatten() for p in objective.parameters() if p.grad is not None]), state)
        )
    for whole, parts in zip(*results, strict=True):
        torch.testing.assert_close(parts, whole, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", FOLLOWED, indirect=True)
def test_the_teacher_follows_by_the_formula_and_takes_no_gradient(
    build_objective: Any, make_batch: Any, name: str
) -> None:
    """teacher ← m · teacher + (1 − m) · student, m from .6 towards 1 on half a cosine; what is kept is the teacher's, or the student's
    where a predictor stands between them."""
    objective = build_objective(name, momentum=0.6).double()
    batch = make_batch(objective)
    step(objective, dataclasses.replace(batch, views=[view.double() for view in batch.views]))
    slow = [module for module in objective.modules() if isinstance(module, EMA)]
    followed = {id(p) for each in slow for p in each._source[0].parameters()}
    assert {id(p) for n, p in objective.named_parameters() if n.startswith(("backbone.", "projector."))} <= followed
    kept = [objective.backbone] if isinstance(objective, Distillation) else [each.module for each in slow]
    assert objective.parts().backbone in kept
    assert all(p.grad is None for each in slow for p in each.parameters())
    for done in (1, 4, 10):
        before = [p.clone() for each in slow for p in each.parameters()]
        with torch.no_grad():
            for p in objective.parameters():
                p.add_(torch.randn_like(p) if p.requires_grad else 0.0)
        objective.after_step(Progress(done, 10))
        momentum = 1 - 0.4 * (1 + math.cos(math.pi * (done - 1) / 10)) / 2
        students = [p.detach() for each in slow for p in each._source[0].parameters()]
        teachers = [p for each in slow for p in each.parameters()]
        for old, student, teacher in zip(before, students, teachers, strict=True):
            torch.testing.assert_close(teacher, momentum * old + (1 - momentum) * student)


@pytest.mark.parametrize("name", STUDENTS, indirect=True)
def test_whoever_teaches_is_a_copy_at_first_and_takes_no_gradient(
    build_objective: Any, make_batch: Any, name: str
) -> None:
    """A slow copy, a slow projector, or the student itself: the same targets, and so the same loss and gradients."""
    results = []
    for teacher in ("all", "projector", "none"):
        objective = build_objective(name, teacher=teacher).eval().double()
        batch = make_batch(objective)
        loss = step(objective, dataclasses.replace(batch, views=[view.double() for view in batch.views]))
        results.append({n: p.grad for n, p in objective.named_parameters() if p.grad is not None} | {"loss": loss})
    for other in results[1:]:
        assert other.keys() == results[0].keys()
        for key, value in other.items():
            torch.testing.assert_close(value, results[0][key], rtol=1e-9, atol=1e-12)


def test_what_is_kept_embeds_whole_images(build_objective: Any, make_batch: Any, name: str) -> None:
    objective = build_objective(name).eval()
    named = objective.embed(make_batch(objective).views[0])
    assert named["backbone"].shape == (8, objective.encoder.width)
    assert ("projector" in named) == (objective.parts().projector is not None)


@pytest.mark.parametrize("answer", [torch.zeros(()), LossOutput(loss=torch.zeros(()))])
def test_an_answer_that_is_not_as_agreed_is_told(
    build_objective: Any, make_batch: Any, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    objective = build_objective("simclr")
    monkeypatch.setattr(type(objective), "loss", lambda self, batch: answer)
    with pytest.raises(FoveateError, match="SimCLR.loss gave no LossOutput with an output named 'backbone'"):
        objective(make_batch(objective))


def test_outputs_are_detached_and_named_as_agreed(build_objective: Any, make_batch: Any, name: str) -> None:
    objective = build_objective(name)
    output = objective.loss(make_batch(objective))
    check_terms(output.terms)
    outputs = output.outputs
    assert "backbone" in outputs
    assert set(outputs) <= {"backbone", "projector", "other", "prediction", "target", "assignments"}
    assert not any(value.requires_grad for value in outputs.values())
    assert all(len(value) == 8 for value in outputs.values())
    if "target" in outputs:
        assert outputs["prediction"].shape == outputs["target"].shape
    if "assignments" in outputs:
        torch.testing.assert_close(outputs["assignments"].sum(1), torch.ones(8), rtol=1e-4, atol=1e-4)


def test_every_knob_is_documented(name: str) -> None:
    for knob, _, text in documented(OBJECTIVES.load(name).Config):
        assert len(text) > 10, knob


@pytest.mark.parametrize("name", of_patches(), indirect=True)
def test_hiding_patches_takes_a_transformer(name: str) -> None:
    kind = OBJECTIVES.load(name)
    setting = Setting(image_size=32, images=8, batch=8, steps=10)
    with pytest.raises(FoveateError, match="patches") as error:
        kind(kind.Config(), load("foveate:resnet18-narrow"), setting)
    assert "vit-mini" in error.value.remedy


@pytest.mark.parametrize("name", [*FOLLOWED, "simsiam"], indirect=True)
def test_the_teacher_s_momentum_is_told(build_objective: Any, make_batch: Any, name: str) -> None:
    knobs = {"momentum": 0.9, "momentum_end": 1.0}
    objective = build_objective(name, **knobs)
    told = [
        objective.loss(dataclasses.replace(make_batch(objective), step=step)).terms.get("momentum") for step in (0, 9)
    ]
    if name == "simsiam":
        assert told == [None, None]
    else:
        assert [float(each) for each in told] == pytest.approx([0.9, 1 - 0.1 * (1 + math.cos(0.9 * math.pi)) / 2])
