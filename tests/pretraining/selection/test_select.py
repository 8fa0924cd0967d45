from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import foveate
from foveate.core.errors import FoveateError
from foveate.engine.distributed import Ranks
from foveate.pretraining.config import Pretrain
from foveate.pretraining.material import Material, gather_material
from foveate.pretraining.selection.select import select

SIZES = {"red": 60, "green": 24, "blue": 12}


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of three colours with rough patterns, in class folders of unequal size."""
    root = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(0)
    for channel, (name, count) in enumerate(SIZES.items()):
        (root / name).mkdir()
        for i in range(count):
            rough = random.integers(0, 120, (4, 4, 3))
            rough[..., channel] += 120
            Image.fromarray(rough.astype(np.uint8)).resize((24, 24), Image.BICUBIC).save(root / name / f"{i:03d}.png")
    return root


def gathered(root: Path, **changes: Any) -> Material:
    settings = {"encoder": "foveate:resnet9", **changes}
    material = gather_material(f"folder:{root}", None, image_size=24, canvas=None)
    return select(material, Pretrain(data=f"folder:{root}", **settings), Ranks(device=torch.device("cpu")))


def counts(material: Material) -> list[int]:
    assert material.labels is not None
    return material.labels[material.train].bincount(minlength=3).tolist()


def test_as_they_come(photos: Path) -> None:
    plain = gathered(photos)
    assert plain.copies == ()
    assert sorted(counts(plain)) == sorted(
        counts(gather_material(f"folder:{photos}", None, image_size=24, canvas=None))
    )


def test_a_balanced_subset_has_the_same_number_of_each_class(photos: Path) -> None:
    plain, chosen = gathered(photos), gathered(photos, subset=24, subset_by="balanced")
    assert counts(chosen) == [8, 8, 8]
    assert set(chosen.train.tolist()) < set(plain.train.tolist())
    assert torch.equal(chosen.held_out, plain.held_out)
    assert set(chosen.base.tolist()) <= set(chosen.train.tolist())
    assert len(chosen.left) == len(plain.left) + len(plain.train) - 24
    small = gathered(photos, subset=12, subset_by="balanced")
    assert counts(small) == [4, 4, 4]


def test_smaller_uniform_subsets_lie_in_larger_ones_and_seeds_differ(photos: Path) -> None:
    small, large, other = (gathered(photos, subset=n, seed=seed) for n, seed in ((10, 0), (30, 0), (10, 1)))
    assert set(small.train.tolist()) < set(large.train.tolist())
    assert set(small.train.tolist()) != set(other.train.tolist())


def test_a_class_that_is_too_small_is_told(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert counts(gathered(photos, subset=50, subset_by="balanced"))[0] < 20
    assert "not balanced" in capsys.readouterr().err


def test_a_curated_subset_reads_no_labels(photos: Path, tmp_path: Path) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for file in photos.rglob("*.png"):
        shutil.copy(file, flat / f"{file.parent.name}-{file.name}")
    for source in ("pixels", "random:foveate:resnet9"):
        chosen = gathered(flat, subset=18, subset_by="curated", subset_encoder=source)
        assert len(chosen.train) == 18
        assert source in chosen.subset
    with pytest.raises(FoveateError, match="no labels"):
        gathered(flat, subset=18, subset_by="balanced")


def test_a_curated_subset_evens_out_what_is_seen(photos: Path) -> None:
    curated = np.array(counts(gathered(photos, subset=18, subset_by="curated")))
    uniform = np.array(counts(gathered(photos, subset=18)))
    assert curated.max() - curated.min() < uniform.max() - uniform.min()


def test_copies_are_named_and_test_rows_are_not_looked_at(photos: Path, tmp_path: Path) -> None:
    """Copies of a training image go; those of test and held-out rows stay, whatever they show."""
    root = tmp_path / "photos"
    shutil.copytree(photos, root)
    plain = gathered(root)
    inside, held = plain.ids[int(plain.train[5])], plain.ids[int(plain.held_out[0])]
    assert plain.test is not None
    tested = plain.test["id"][0]
    stream = io.BytesIO()
    Image.open(root / inside).save(stream, "JPEG", quality=85)
    for name in (held, tested):  # the same picture stands where nothing is trained on
        Image.open(io.BytesIO(stream.getvalue())).save(root / name)
    second = plain.ids[int(plain.train[9])]
    Image.open(root / inside).resize((24, 24), Image.BICUBIC, box=(1, 1, 24, 23)).save(root / second)
    chosen = gathered(root, dedup=5.0)
    assert [(chosen.ids[c.row], chosen.ids[c.of]) for c in chosen.copies] == [(second, inside)]
    assert second in chosen.left
    report = foveate.pretrain(
        f"folder:{root}", encoder="foveate:resnet18-narrow", image_size=16, canvas=24, epochs=1, dedup=5.0, subset=20,
        set=("projector=16,8",), out=str(tmp_path / "run"), device="cpu",
    )  # fmt: skip
    assert [(name, inside in reason) for name, reason in report.skipped] == [(second, True)]
    assert json.loads((tmp_path / "run/rows.json").read_text())["trained"] == 20
    assert any(getattr(block, "id", "") == "copies" for section in report.sections for block in section.blocks)
