from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from foveate.core import files
from foveate.core.errors import FoveateError
from foveate.features import export as module
from foveate.features.embed import embed
from foveate.features.export import check, export
from foveate.features.features import Features
from tests.features.conftest import Planted, pictures, png, table

TAPS = ["pooled", "grid:tokens"]


@pytest.fixture
def features(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> Features:
    monkeypatch.setattr(module, "_ROWS", 8)
    return embed(planted, table([png(p) for p in pictures(21)]), TAPS, progress=False)


def test_npz_holds_everything(features: Features, tmp_path: Path) -> None:
    export(features, tmp_path / "f.npz")
    with np.load(tmp_path / "f.npz", allow_pickle=False) as read:
        assert set(read.files) == {"id", "label", "class_names", *TAPS}
        assert read["id"].tolist() == features.ids
        assert read["class_names"].tolist() == ["even", "odd"]
        assert np.array_equal(read["label"], features.labels)  # type: ignore[arg-type]
        for tap in TAPS:
            assert np.array_equal(read[tap], features.array(tap))


def test_parquet_holds_everything(features: Features, tmp_path: Path) -> None:
    export(features, tmp_path / "f.parquet")
    read = pq.read_table(tmp_path / "f.parquet")
    assert read["id"].to_pylist() == features.ids
    assert read["label"].to_pylist() == features.labels.tolist()  # type: ignore[union-attr]
    assert json.loads(read.schema.field("label").metadata[b"class_names"]) == ["even", "odd"]
    for tap in TAPS:
        shape = json.loads(read.schema.field(tap).metadata[b"shape"])
        column = np.stack(read[tap].combine_chunks().to_numpy(zero_copy_only=False))
        assert np.array_equal(column.reshape(len(features), *shape), features.array(tap))


@pytest.mark.parametrize("suffix", ["npz", "parquet"])
def test_without_labels_there_is_no_label(planted: Planted, tmp_path: Path, suffix: str) -> None:
    features = embed(planted, table([png(p) for p in pictures(3)], labels=False), progress=False)
    path = tmp_path / f"f.{suffix}"
    export(features, path)
    names = np.load(path).files if suffix == "npz" else pq.read_schema(path).names
    assert "label" not in names


def test_what_stands_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine.parquet"
    path.write_text("precious")
    with pytest.raises(FoveateError, match="exists already"):
        check(path)
    assert check(path, overwrite=True) == path
    assert path.read_text() == "precious"


@pytest.mark.parametrize("name", ["f.csv", "f", "f.npz.gz"])
def test_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FoveateError, match="no format to export to"):
        check(tmp_path / name)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.npz").mkdir()
    with pytest.raises(FoveateError, match="is a folder"):
        check(tmp_path / "f.npz")


@pytest.mark.parametrize("suffix", ["npz", "parquet"])
def test_a_full_disk_leaves_nothing(
    features: Features, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(FoveateError, match="disk is full"):
        export(features, tmp_path / f"f.{suffix}")
    assert list(tmp_path.iterdir()) == []
