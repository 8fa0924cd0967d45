"""``--minutes``: timing steps leaves no trace, the number follows from the time, and a resumed run keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from foveate.engine.distributed import Ranks
from foveate.pretraining import budget
from foveate.training.feed import ViewFeed
from foveate.training.growth import Growth
from tests.pretraining.objectives.conftest import build


def feed_of(objective: Any) -> ViewFeed:
    return ViewFeed(
        torch.randint(0, 255, (40, 3, 16, 16), dtype=torch.uint8), torch.full((40, 2), 16), None, objective.views(),
        among=torch.arange(40), batch=8, seed=0, ranks=Ranks(device=torch.device("cpu")),
        mean=(0.5,) * 3, std=(0.2,) * 3,
    )  # fmt: skip


def test_as_many_as_fit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    objective: Any = build("simclr", {})
    monkeypatch.setattr(budget, "_step_seconds", lambda *_, **__: 0.1 / budget.WATCHED)
    feed = feed_of(objective)  # five steps an epoch, half a second
    options: dict[str, Any] = {"bf16": False, "micro_batch": None}
    assert budget.epochs_within(1.001, objective, feed, folder=tmp_path, **options) == 120
    assert budget.epochs_within(9.0, objective, feed, folder=tmp_path, **options) == 120  # as it began
    (tmp_path / "other").mkdir()
    assert budget.epochs_within(0.001, objective, feed, folder=tmp_path / "other", **options) == 1


def test_timing_leaves_no_trace() -> None:
    objective: Any = build("byol", {})
    feed = feed_of(objective)
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    state = torch.random.get_rng_state()
    seconds = budget._step_seconds(objective, feed, bf16=False, micro_batch=3)
    assert seconds > 0
    assert torch.equal(state, torch.random.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in objective.state_dict().items())
    assert all(p.grad is None for p in objective.parameters())


def test_views_that_grow_are_timed_at_all_sizes_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    objective: Any = build("simclr", {})
    feed = feed_of(objective)
    feed.growth = Growth(start=0.5, unit=4)
    seen = []
    make = ViewFeed.make

    def noted(self: ViewFeed, *arguments: Any) -> Any:
        batch = make(self, *arguments)
        seen.append(batch.views[0].shape[-1])
        return batch

    monkeypatch.setattr(ViewFeed, "make", noted)
    assert budget._step_seconds(objective, feed, bf16=False, micro_batch=None) > 0
    assert seen == [16, 8, 8, 12, 12, 12, 12, 16, 16, 16, 16]
    assert feed.growth.steps == 0


def test_a_run_of_few_steps_is_told_what_makes_more() -> None:
    said = budget.few_steps(60, epochs=4, batch=128)
    assert said is not None
    assert "60 steps" in said
    assert "--batch 64 makes twice as many" in said
    assert "--epochs 20 makes 300" in said
    assert budget.few_steps(300, epochs=4, batch=128) is None
    timed = budget.few_steps(60, epochs=4, batch=16, minutes=1.0)
    assert timed is not None
    assert "more --minutes" in timed
    assert "--batch" not in timed, "smaller batches than these are no help"
