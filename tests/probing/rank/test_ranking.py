"""``--task rank``: the order, what speaks against it, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from foveate.core.errors import FoveateError
from foveate.encoders.load import load
from foveate.encoders.run import describe
from foveate.probing.config import Probe
from foveate.probing.rank.ranking import _names, measure
from foveate.probing.verb import run
from foveate.reporting.record import Report
from foveate.training.checkpoints import Checkpoints


def saved(folder: Path, objective: str, *, collapse: float = 0.0) -> str:
    """A run of ``objective``; ``collapse`` is the share of the last stage's channels that are switched off."""
    encoder = load("foveate:resnet9", seed=1)
    with torch.no_grad():
        norm = encoder.module.stages[3].blocks[0]  # type: ignore[index,union-attr]
        for weight in norm.parameters():  # type: ignore[union-attr]
            if weight.shape[0] == 256:
                weight[: int(collapse * 256)] = 0
    weights = {f"backbone.{key}": value for key, value in encoder.module.state_dict().items()}
    record = describe(encoder, projector=None, epoch=3, objective=objective)
    Checkpoints(folder / "checkpoints").save_epoch(3, weights=weights, encoder=record, state=None, lines=0)
    (folder / "config.json").write_text("{}")
    return f"run:{folder}"


def config(first: str, *others: str, **changes: Any) -> Probe:
    return Probe(encoder=first, data="builtin:digits@train[0:300]", task="rank", others=others, **changes)


def test_the_collapsed_run_comes_last(tmp_path: Path) -> None:
    worst, best, middle = (saved(tmp_path / str(share), "simclr", collapse=share) for share in (0.98, 0.0, 0.9))
    report = Report.read(run(config(worst, best, middle, out=str(tmp_path / "out"))).folder)
    ranks = {key: metric.value for key, metric in report.metrics.items()}
    order = [f"rankme.rank/{each}" for each in (best, middle, worst)]
    assert [ranks[key] for key in order] == sorted(ranks.values(), reverse=True)
    assert ranks[order[-1]] < 6, "five channels are left"
    table = next(block for block in report.sections[0].blocks if getattr(block, "id", "") == "ranking")
    assert [row[1] for row in table.rows] == ["simclr"] * 3
    assert "says nothing" not in report.answer


def test_runs_of_a_sweep_are_told_apart_by_their_folders() -> None:
    sweep = [f"run:runs/rates/runs/lr={rate}/seed-0" for rate in (1, 2)]
    assert list(_names(sweep).values()) == ["run:lr=1/seed-0", "run:lr=2/seed-0"]
    assert list(_names(["run:a/one", "timm:two", "run:b/one@3"]).values()) == ["run:one", "timm:two", "run:one@3"]


def test_other_methods_are_no_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = saved(tmp_path / "a", "simclr"), saved(tmp_path / "b", "vicreg", collapse=0.5)
    found = measure(config(one, f"{two}@3"))
    assert [place.objective for place in found.places] == ["simclr", "vicreg"]
    assert "several methods (simclr, vicreg)" in found.mixed
    assert "says nothing" in capsys.readouterr().err
    assert "widths differ" in measure(config("foveate:resnet9", "foveate:resnet18-narrow")).mixed


def test_images_without_labels_will_do(tmp_path: Path) -> None:
    from PIL import Image

    for i in range(12):
        Image.effect_noise((16, 16), 60 + i).convert("RGB").save(tmp_path / f"{i}.png")
    found = measure(
        Probe(encoder="foveate:resnet9", data=f"folder:{tmp_path}", task="rank", others=("random:foveate:vit-mini",))
    )
    assert found.images == 12


@pytest.mark.parametrize(
    ("others", "changes", "words"),
    [
        ((), {}, "--others"),
        (("foveate:resnet9",), {}, "twice"),
        (("run:nowhere",), {}, "nowhere"),
        (("foveate:vit-mini",), {"taps": ("pooled", "stem")}, "one tap"),
        (("foveate:vit-mini",), {"taps": ("blocks.1:tokens",)}, "blocks.1"),
    ],
)
def test_a_mistake_has_a_remedy(others: tuple[str, ...], changes: dict[str, Any], words: str) -> None:
    with pytest.raises(FoveateError) as caught:
        measure(config("foveate:resnet9", *others, **changes))
    assert words in str(caught.value)
    assert caught.value.remedy
