from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foveate.core.errors import FoveateError
from foveate.data.columns import ids, labels
from foveate.data.decode import Reader
from foveate.data.load import load, load_pair, stream

from .conftest import as_bytes, picture


def write(path: Path, start: int, count: int, **columns: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    files = [as_bytes(picture(start + number)) for number in range(count)]
    pq.write_table(pa.table({"image": files, **columns}), path)
    return path


def test_raw_bytes_with_text_labels_and_no_id(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 3, label=["x", "y", "x"])
    data = load(f"parquet:{tmp_path}/a.parquet")
    assert ids(data) == ["0", "1", "2"]
    assert labels(data)[1] == ["x", "y"]
    assert len(list(Reader(data))) == 3


def test_shards_of_the_hubs_layout_and_their_splits(tmp_path: Path) -> None:
    write(tmp_path / "data" / "train-00000-of-00002.parquet", 0, 3, label=[0, 1, 0])
    write(tmp_path / "data" / "train-00001-of-00002.parquet", 3, 2, label=[1, 1])
    write(tmp_path / "data" / "test-00000-of-00001.parquet", 9, 2, label=[0, 1])
    assert load(f"parquet:{tmp_path}").num_rows == 5
    assert load(f"parquet:{tmp_path}@test").num_rows == 2
    assert load(f"parquet:{tmp_path}/data/train*.parquet").num_rows == 5
    pair = load_pair(f"parquet:{tmp_path}")
    assert (pair.train.num_rows, pair.test.num_rows) == (5, 2)


def test_file_names_are_followed_from_the_tables_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "images").mkdir()
    for number in range(2):
        (tmp_path / "images" / f"{number}.png").write_bytes(as_bytes(picture(number)))
    pq.write_table(pa.table({"image": ["images/0.png", "images/1.png"], "label": [0, 1]}), tmp_path / "t.parquet")
    data = load(f"parquet:{tmp_path}/t.parquet")
    monkeypatch.chdir("/")
    assert ids(data) == ["images/0.png", "images/1.png"]
    assert len(list(Reader(data))) == 2


def test_web_addresses_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"image": ["https://example.org/0.png"]}), tmp_path / "t.parquet")
    with pytest.raises(FoveateError, match="holds web addresses"):
        load(f"parquet:{tmp_path}/t.parquet")


def test_a_rewritten_table_is_read_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", 0, 3)
    was = path.stat()
    before = [image.digest for image in Reader(load(f"parquet:{path}"))]
    write(path, 50, 3)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))  # as rsync -t and cp -p leave it
    after = [image.digest for image in Reader(load(f"parquet:{path}"))]
    assert not set(before) & set(after)


def test_streamed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", 0, 3, cls=["x", "y", "x"])
    assert [row["label"] for row in stream(f"parquet:{path}")] == ["x", "y", "x"]


def test_the_cache_is_foveates_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    load(f"parquet:{write(tmp_path / 'a.parquet', 0, 3)}")
    assert list((tmp_path / "cache" / "datasets").rglob("*.arrow"))
    assert not (tmp_path / "home").exists()


def test_what_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("not a table")
    (tmp_path / "none.parquet").write_bytes(b"")
    whole = write(tmp_path / "whole.parquet", 0, 40).read_bytes()
    (tmp_path / "torn.parquet").write_bytes(whole[: len(whole) // 2])
    for name in ("text", "none", "torn"):
        with pytest.raises(FoveateError, match="cannot be read as Parquet"):
            load(f"parquet:{tmp_path}/{name}.parquet")


def test_damage_in_the_middle_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", 0, 40)
    content = bytearray(path.read_bytes())
    content[4:200] = bytes(196)
    path.write_bytes(content)
    with pytest.raises(FoveateError, match=r"a\.parquet cannot be read as Parquet"):
        load(f"parquet:{path}")


def test_shards_of_different_tables(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", 0, 1, label=[1])
    write(tmp_path / "b.parquet", 0, 1, other=[1])
    with pytest.raises(FoveateError, match="has other columns"):
        load(f"parquet:{tmp_path}")


def test_a_table_without_rows_or_images(tmp_path: Path, notes: Callable[[], list[str]]) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(FoveateError, match="no image column; its columns are a"):
        load(f"parquet:{tmp_path}/a.parquet")
    pq.write_table(pa.table({"image": pa.array([], pa.binary())}), tmp_path / "b.parquet")
    with pytest.raises(FoveateError, match="has no rows"):
        load(f"parquet:{tmp_path}/b.parquet")


def test_what_a_renderer_writes_beside_the_agreed_columns_comes_through(tmp_path: Path) -> None:
    factors = [{"world": "meadow", "size": 0.7, "count": None}, {"world": "desert", "size": 1.0, "count": 2}] * 3
    listed = pa.array([[340], []] * 3, pa.list_(pa.int32()))
    write(
        tmp_path / "r.parquet",
        0,
        6,
        label=["a", "b"] * 3,
        factors=factors,
        varied=["default", "size"] * 3,
        imagenet=listed,
    )
    for data in (load(f"parquet:{tmp_path}/r.parquet[0:4]"), load_pair(f"parquet:{tmp_path}/r.parquet").train):
        rows = data.with_format("arrow")[:]
        assert all(row in factors for row in rows["factors"].to_pylist())
        assert all(
            (row == "default") == (own == [340])
            for row, own in zip(rows["varied"].to_pylist(), rows["imagenet"].to_pylist(), strict=True)
        )
