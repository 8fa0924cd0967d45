"""What the loop, the monitors and ``--micro-batch`` rely on in an objective, checked on a small batch; for objectives of one's own too.

::

    from foveate.pretraining.checks import check_objective

    def test_the_contract():
        check_objective(CosinePair)

What it cannot check is whether the loss is the one that was meant: write the formula in NumPy, and ``torch.autograd.gradcheck``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.pretraining.knobs import documented
from foveate.pretraining.monitors.names import check_terms
from foveate.pretraining.objective import Batch, Objective, Progress, Setting

BATCH, SIZE = 8, 16
OUTPUTS = {"backbone", "projector", "other", "prediction", "target", "assignments"}
"""What monitors know how to read."""


def check_objective(kind: type[Objective], **knobs: Any) -> None:
    """Every check, on the encoder that the objective advises, else on a narrow residual net with batch norms.

    Args:
        kind: the class. knobs: of its ``Config``, where the defaults do not fit 8 images of 16 px.

    Raises:
        AssertionError: what does not hold, beginning with the name of the check.
    """
    for check in CHECKS:
        try:
            check(lambda: small(kind, **knobs))
        except (AssertionError, FoveateError) as error:
            raise AssertionError(f"{check.__name__}: {error}") from error


def small(kind: type[Objective], **knobs: Any) -> Objective:
    """The objective with knobs, ready to train on ``batch_of``; the same weights each time."""
    encoder = load(kind.advice.get("encoder", "foveate:resnet18-narrow"), image_size=SIZE, seed=0)
    setting = Setting(image_size=SIZE, images=BATCH, batch=BATCH, steps=10, classes=4)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return kind(kind.Config(**knobs), encoder, setting).train()


def batch_of(objective: Objective, dtype: torch.dtype = torch.float32) -> Batch:
    """8 images of noise in the views that it asks for, labels 0 to 3; the same each time."""
    stream = torch.Generator().manual_seed(1)
    views = [torch.randn(BATCH, 3, view.size, view.size, generator=stream).to(dtype) for view in objective.views()]
    return Batch(views=views, labels=torch.arange(BATCH) % 4, rows=torch.arange(BATCH), size=BATCH, seed=1)


def step(objective: Objective, batch: Batch) -> Tensor:
    """The loss, detached, its gradients in the weights."""
    loss = objective.loss(batch).loss
    loss.backward()
    return loss.detach()


def every_trained_weight_gets_a_gradient(build: Callable[[], Objective]) -> None:
    """And a finite one."""
    objective = build()
    loss = step(objective, batch_of(objective))
    assert bool(torch.isfinite(loss)), f"the loss is {loss:g}"
    trained = {name: p.grad for name, p in objective.named_parameters() if p.requires_grad}
    without = [name for name, grad in trained.items() if grad is None]
    assert not without, f"no gradient reaches {', '.join(without)}: freeze them (requires_grad_(False)) or use them"
    broken = [name for name, grad in trained.items() if grad is not None and not bool(torch.isfinite(grad).all())]
    assert not broken, f"the gradient of {', '.join(broken)} is not finite"


def the_same_batch_gives_the_same_loss(build: Callable[[], Objective]) -> None:
    """Masks and noise are functions of the batch's seed; another seed draws others where any are drawn."""
    losses, drawn = [], set()
    for seed in (1, 1, 2):
        objective = build()
        batch = _Watched(**vars(batch_of(objective)) | {"seed": seed})
        losses.append(float(step(objective, batch)))
        drawn.update(batch.drawn)
    assert losses[0] == losses[1], (
        "two losses of one batch differ: draw masks and noise with batch.draw or batch.stream"
    )
    if drawn:
        assert losses[0] != losses[2], f"{', '.join(sorted(drawn))} is drawn, and another seed gives the same loss"


@dataclass(frozen=True, kw_only=True)
class _Watched(Batch):
    """A batch that remembers the names of what is drawn for it."""

    drawn: list[str] = field(default_factory=list)

    def stream(self, name: str) -> torch.Generator:
        self.drawn.append(name)
        return super().stream(name)


def a_loss_changes_nothing(build: Callable[[], Objective]) -> None:
    """What moves (a teacher, a queue, a running mean) moves in ``after_step``: a loss may be computed again, or to no end."""
    objective = build().eval()
    objective.loss(batch_of(objective))  # a vocabulary begins with its first batch
    before = {key: value.clone() for key, value in objective.state_dict().items()}
    objective.loss(batch_of(objective))
    for key, value in objective.state_dict().items():
        torch.testing.assert_close(value, before[key], rtol=0, atol=0, msg=f"computing the loss changed {key}")


def accumulation_is_the_whole_batch(build: Callable[[], Objective]) -> None:
    """Without batch norm in the way (evaluation mode, float64), pieces give the whole's loss, gradients and what follows the step."""
    whole, pieces = (_updated(build().eval().double(), apart) for apart in (False, True))
    for what, value in whole.items():
        wrong = f"in pieces (--micro-batch) {what} is another: embed with self.features, draw with batch.draw, set `coupled`"
        torch.testing.assert_close(pieces[what], value, rtol=1e-7, atol=1e-10, msg=wrong)


def _updated(objective: Objective, apart: bool) -> dict[str, Tensor]:
    batch = batch_of(objective, torch.float64)
    if apart and not objective.coupled:
        halves = [batch.part(0, BATCH // 2), batch.part(BATCH // 2, BATCH)]
        losses = [objective.loss(half).loss / 2 for half in halves]
        loss = torch.stack(losses).sum()
        loss.backward()
        loss = loss.detach()
    else:
        objective.chunk = 3 if apart else None
        loss = step(objective, batch)
    objective.after_step(Progress(1, 10))
    gradients = [p.grad.flatten() for p in objective.parameters() if p.grad is not None]
    state = [value.flatten().double() for value in objective.state_dict().values()]
    return {"the loss": loss, "the gradient": torch.cat(gradients), "the state after the step": torch.cat(state)}


def what_is_kept_embeds_whole_images(build: Callable[[], Objective]) -> None:
    """``embed`` gives the backbone's features, and a projector's where ``parts`` names one."""
    objective = build().eval()
    named = objective.embed(batch_of(objective).views[0])
    shape = (BATCH, objective.encoder.width)
    assert named["backbone"].shape == shape, f"embed's backbone is {tuple(named['backbone'].shape)}, not {shape}"
    projected = objective.parts().projector is not None
    assert ("projector" in named) == projected, "embed and parts disagree on whether there is a projector"


def outputs_are_as_agreed(build: Callable[[], Objective]) -> None:
    """Terms with names of their own; outputs detached, a row an image, named as monitors know them."""
    objective = build()
    output = objective.loss(batch_of(objective))
    check_terms(output.terms)
    outputs = output.outputs
    assert "backbone" in outputs, "no output is named backbone"
    assert set(outputs) <= OUTPUTS, f"no monitor reads {', '.join(sorted(set(outputs) - OUTPUTS))}"
    for name, value in outputs.items():
        assert not value.requires_grad, f"the output {name} is not detached"
        assert len(value) == BATCH, f"the output {name} has {len(value)} rows for {BATCH} images"
    if "target" in outputs:
        pair = outputs["prediction"].shape, outputs["target"].shape
        assert pair[0] == pair[1], f"prediction and target differ in shape: {tuple(pair[0])}, {tuple(pair[1])}"
    if "assignments" in outputs:
        sums, wrong = outputs["assignments"].sum(1), "rows of assignments do not sum to 1"
        torch.testing.assert_close(sums, torch.ones_like(sums), rtol=1e-4, atol=1e-4, msg=wrong)


def every_knob_is_documented(build: Callable[[], Objective]) -> None:
    """The line below a knob is its help."""
    silent = [knob for knob, _, text in documented(build().Config) if len(text) <= 10]
    assert not silent, (
        f"{', '.join(silent)}: say below it what it does and when to touch it (in a file: help is read from it)"
    )


CHECKS: tuple[Callable[[Callable[[], Objective]], None], ...] = (
    every_knob_is_documented,
    every_trained_weight_gets_a_gradient,
    the_same_batch_gives_the_same_loss,
    a_loss_changes_nothing,
    accumulation_is_the_whole_batch,
    what_is_kept_embeds_whole_images,
    outputs_are_as_agreed,
)
