"""What masked objectives share: which sampler a knob means, an image's own mask, and means within an image."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from foveate.pretraining import masks
from foveate.pretraining.masked import Masked, MaskKnobs, standardised, within
from foveate.pretraining.registry import OBJECTIVES
from tests.pretraining.objectives.conftest import batch_of, build, extending

GRID = (6, 6)


@pytest.mark.parametrize(
    ("kind", "sampler", "knobs"),
    [
        ("random", masks.random_mask, {}),
        ("squares", masks.coarse_mask, {"unit": 3}),
        ("block", masks.block_mask, {}),
        ("inverse", masks.inverse_block_mask, {"side": 3}),
    ],
)
def test_each_kind_is_its_sampler(kind: Any, sampler: Any, knobs: dict[str, int]) -> None:
    batch = batch_of(build("mae", {}))
    ours = MaskKnobs(mask=0.5, mask_kind=kind, mask_unit=3).draw(GRID, batch)
    assert torch.equal(ours, sampler(GRID, 8, 18, batch.stream("mask"), **knobs))
    assert not torch.equal(ours, MaskKnobs(mask=0.5, mask_kind=kind, mask_unit=3).draw(GRID, batch, name="other"))


@pytest.mark.parametrize("kind", ["random", "squares", "block", "inverse"])
def test_a_mask_is_the_image_s_own_however_the_batch_is_shared_out(kind: Any) -> None:
    batch, knobs = batch_of(build("mae", {})), MaskKnobs(mask_kind=kind)
    whole = knobs.draw(GRID, batch)
    pieces = [knobs.draw(GRID, batch.part(start, start + 4)) for start in (0, 4)]
    assert torch.equal(torch.cat(pieces), whole)


@pytest.mark.parametrize(("name", "share"), [("mae", 12), ("beit", 6), ("data2vec", 13)])
def test_the_share_that_is_hidden_by_default(name: str, share: int) -> None:
    """Of 16 patches: .75 (He et al. 2022), .4 (Bao et al. 2022), .8 (Baevski et al. 2023)."""
    objective: Any = build(name, {})
    assert objective.config.draw((4, 4), batch_of(objective)).sum(1).tolist() == [share] * 8


def test_a_mean_within_an_image_then_over_images() -> None:
    """It does not depend on how a batch is shared out; a mean over all hidden patches would."""
    values = torch.arange(12.0).view(3, 4)
    hidden = torch.tensor([[True, False, False, True], [False, True, False, False], [True, True, True, True]])
    each = [1.5, 5.0, 9.5]
    assert float(within(values, hidden)) == pytest.approx(sum(each) / 3)
    assert float(within(values[:1], hidden[:1])) == each[0]
    assert float(within(values, hidden & False)) == 0.0  # nothing hidden: no loss, and no division by zero


def test_a_flat_patch_is_standardised_to_nothing() -> None:
    assert float(standardised(torch.full((1, 2, 48), 0.7)).abs().max()) < 1e-3


@pytest.mark.parametrize("name", extending(Masked))
@pytest.mark.parametrize("pool", ["token", "avg"])
def test_a_class_token_that_is_hardly_trained_is_told_of(
    name: str, pool: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from foveate.encoders.load import load

    made = build(name, {"least": 1} if name == "ijepa" else {})
    capsys.readouterr()
    encoder = load("foveate:vit-mini", args={"global_pool": pool}, image_size=16)
    OBJECTIVES.load(name)(made.config, encoder, made.setting)
    assert ("global_pool=avg" in capsys.readouterr().err) == (pool == "token")
