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
from foveate.pretraining.checks import CHECKS, step
from foveate.pretraining.distillation import Distillation, Taught
from foveate.pretraining.masked import MaskedDistillation
from foveate.pretraining.objective import LossOutput, Progress, Setting
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


def test_every_file_of_an_objective_is_in_the_visible_list() -> None:
    folder = Path(objectives.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == set(OWN), "a line in src/foveate/pretraining/registry.py for each (docs/extending.md)"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_contract(build_objective: Any, name: str, check: Any) -> None:
    check(lambda: build_objective(name))


@pytest.mark.parametrize("name", of_patches(), indirect=True)
def test_what_is_hidden_is_drawn(build_objective: Any, make_batch: Any, name: str) -> None:
    losses = []
    for seed in (1, 2):
        objective = build_objective(name)
        losses.append(objective.loss(dataclasses.replace(make_batch(objective), seed=seed)).loss.item())
    assert losses[0] != losses[1]


def test_it_has_a_test_of_its_own(name: str) -> None:
    path = Path(__file__).with_name(f"test_{name}.py")
    assert path.exists(), (
        f"add tests/pretraining/objectives/{path.name}: the loss against its formula (docs/extending.md)"
    )


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


@pytest.mark.parametrize("answer", [torch.zeros(()), LossOutput(loss=torch.zeros(()))])
def test_an_answer_that_is_not_as_agreed_is_told(
    build_objective: Any, make_batch: Any, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    objective = build_objective("simclr")
    monkeypatch.setattr(type(objective), "loss", lambda self, batch: answer)
    with pytest.raises(FoveateError, match="SimCLR.loss gave no LossOutput with an output named 'backbone'"):
        objective(make_batch(objective))


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
