from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from foveate.core import cache
from foveate.core.errors import FoveateError
from foveate.data.columns import has_labels, ids, labels
from foveate.data.decode import Reader
from foveate.data.load import load, stream

from .conftest import as_bytes, picture


def pack(path: Path, members: dict[str, bytes] | list[tuple[str, bytes]], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items() if isinstance(members, dict) else members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def samples(start: int, count: int, label: str = "{n}") -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number in range(start, start + count):
        found[f"{number:04d}.png"] = as_bytes(picture(number))
        found[f"{number:04d}.cls"] = label.format(n=number % 2).encode()
    return found


def test_members_that_share_a_key_are_one_sample(tmp_path: Path) -> None:
    png = as_bytes(picture(0))
    members = {
        "./a/1.v2.JPG": b"an extension of its own, after the first dot",
        "./a/1.PNG": png,
        "./a/1.json": b'{"class": "dog", "caption": "a dog", "width": 3}',
        "b.webp": as_bytes(picture(1), "WEBP"),
        "b.cls": b"cat\n",
        "b.txt": "ein Käfer".encode(),
        "._junk": b"x",
        "__meta.json": b"{}",
    }
    data = load(f"wds:{pack(tmp_path / 's.tar', members)}")
    assert ids(data) == ["a/1", "b"]
    assert labels(data)[1] == ["cat", "dog"]
    assert data["caption"][:] == ["a dog", "ein Käfer"]
    assert data.with_format("arrow")[:]["image"].to_pylist()[0]["bytes"] == png


def test_numbered_classes_are_in_numeric_order(tmp_path: Path) -> None:
    members = {
        f"{n}.{kind}": as_bytes(picture(n)) if kind == "png" else str(n).encode()
        for n in (10, 9)
        for kind in ("png", "cls")
    }
    assert set(labels(load(f"wds:{pack(tmp_path / 's.tar', members)}"))[1]) == {"9", "10"}


def test_without_labels_and_captions_there_are_no_such_columns(tmp_path: Path) -> None:
    data = load(f"wds:{pack(tmp_path / 's.tar', {'1.png': as_bytes(picture(0))})}")
    assert not has_labels(data)
    assert set(data.column_names) == {"id", "image"}


def test_a_packed_shard_and_a_split_folder(tmp_path: Path) -> None:
    pack(tmp_path / "train-0.tar.gz", samples(0, 3), "w:gz")
    pack(tmp_path / "test-0.tar", samples(10, 2))
    assert load(f"wds:{tmp_path}").num_rows == 3
    assert ids(load(f"wds:{tmp_path}@test")) == ["0010", "0011"]


def test_the_copy_is_made_once_and_again_when_a_shard_changes(tmp_path: Path) -> None:
    path = pack(tmp_path / "s.tar", samples(0, 3))
    load(f"wds:{path}")
    (copy,) = (cache.root() / "datasets").glob("wds-*.arrow")
    made = copy.stat().st_mtime_ns
    load(f"wds:{path}")
    assert copy.stat().st_mtime_ns == made
    pack(path, samples(0, 4))
    assert load(f"wds:{path}").num_rows == 4


def test_the_copy_is_mapped_not_read(tmp_path: Path) -> None:
    data = load(f"wds:{pack(tmp_path / 's.tar', samples(0, 3))}")
    assert data.cache_files


def test_the_same_key_in_two_shards(tmp_path: Path, notes: Callable[[], list[str]]) -> None:
    pack(tmp_path / "a.tar", samples(0, 2))
    pack(tmp_path / "b.tar", samples(0, 2))
    assert ids(load(f"wds:{tmp_path}")) == ["0000", "0001", "0000#2", "0001#2"]
    assert "2 ids stand more than once" in notes()[0]


def test_samples_without_an_image_are_left_out_with_a_note(tmp_path: Path, notes: Callable[[], list[str]]) -> None:
    path = pack(tmp_path / "s.tar", samples(0, 2) | {"9.cls": b"1"})
    assert load(f"wds:{path}").num_rows == 2
    assert "1 samples have no image" in notes()[0]


def test_streamed(tmp_path: Path) -> None:
    path = pack(tmp_path / "s.tar", samples(0, 3))
    rows = list(stream(f"wds:{path}"))
    assert [row["id"] for row in rows] == ["0000", "0001", "0002"]
    assert [row["label"] for row in rows] == ["0", "1", "0"]
    assert rows[0]["image"].size == (16, 12)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.97])
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_truncated_shard_is_an_error_and_leaves_no_copy(tmp_path: Path, keep: float, mode: str) -> None:
    suffix = "tar" if mode == "w" else "tar.gz"
    content = pack(tmp_path / f"s.{suffix}", samples(0, 20), mode).read_bytes()
    members_end = len(content.rstrip(b"\0")) if mode == "w" else len(content)  # a tar ends in blocks of zeros
    (tmp_path / f"s.{suffix}").write_bytes(content[: int(keep * members_end)])
    with pytest.raises(FoveateError, match="truncated or damaged"):
        load(f"wds:{tmp_path}/s.{suffix}")
    assert not list((cache.root() / "datasets").glob("*wds-*"))


def test_what_is_no_tar_or_holds_no_images(tmp_path: Path) -> None:
    (tmp_path / "text.tar").write_text("not a tar" * 200)
    (tmp_path / "none.tar").write_bytes(b"")
    for name in ("text", "none"):
        with pytest.raises(FoveateError, match="truncated or damaged"):
            load(f"wds:{tmp_path}/{name}.tar")
    with pytest.raises(FoveateError, match="holds no images"):
        load(f"wds:{pack(tmp_path / 'bare.tar', {'1.cls': b'0'})}")


def test_members_of_one_key_apart(tmp_path: Path) -> None:
    apart = [("1.png", as_bytes(picture(0))), ("2.png", as_bytes(picture(1))), ("1.cls", b"0")]
    with pytest.raises(FoveateError, match="the members of '1' do not stand side by side"):
        load(f"wds:{pack(tmp_path / 's.tar', apart)}")


def test_a_broken_json(tmp_path: Path) -> None:
    with pytest.raises(FoveateError, match=r"1\.json is not JSON"):
        load(f"wds:{pack(tmp_path / 's.tar', {'1.png': as_bytes(picture(0)), '1.json': b'{'})}")


def test_a_broken_image_in_a_shard_is_unreadable_not_fatal(tmp_path: Path) -> None:
    data = load(f"wds:{pack(tmp_path / 's.tar', samples(0, 4) | {'9.png': b'', '9.cls': b'1'})}")
    reader = Reader(data, max_unreadable=0.5)
    assert len(list(reader)) == 4
    assert reader.unreadable == [("9", "empty file")]


def test_names_that_lead_out_of_the_shard_write_nothing(tmp_path: Path) -> None:
    path = pack(
        tmp_path / "in" / "s.tar" if (tmp_path / "in").mkdir() is None else tmp_path,
        {"../../out.png": as_bytes(picture(0))},
    )
    assert load(f"wds:{path}").num_rows == 1
    assert not list(tmp_path.parent.glob("out.png"))
