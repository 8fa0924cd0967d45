from __future__ import annotations

from pathlib import Path

import pytest

from foveate.core.address import Address
from foveate.core.errors import FoveateError
from foveate.data import shards

TAR = (".tar",)


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def found(rest: str, split: str | None = None) -> list[str]:
    return [file.name for file in shards.find(Address("wds", rest), split, TAR)]


def test_braces() -> None:
    assert shards.expand("a-{008..011}.tar") == ["a-008.tar", "a-009.tar", "a-010.tar", "a-011.tar"]
    assert shards.expand("{a,b}{0..1}") == ["a0", "a1", "b0", "b1"]
    assert shards.expand("plain") == ["plain"]


def test_a_file_a_pattern_a_glob_and_a_folder(tmp_path: Path) -> None:
    touch(tmp_path, "s-0.tar", "s-1.tar", "s-2.tar", "note.txt", ".s-3.tar")
    assert found(f"{tmp_path}/s-1.tar") == ["s-1.tar"]
    assert found(f"{tmp_path}/s-{{1..2}}.tar") == ["s-1.tar", "s-2.tar"]
    assert found(f"{tmp_path}/*.tar") == found(str(tmp_path)) == ["s-0.tar", "s-1.tar", "s-2.tar"]


@pytest.mark.parametrize("form", ["train-{n}.tar", "data/train-0000{n}-of-2.tar", "train/{n}.tar", "x/train_{n}.tar"])
def test_splits_show_in_names_or_folders(tmp_path: Path, form: str) -> None:
    touch(tmp_path, *(form.format(n=n) for n in range(2)), form.replace("train", "val").format(n=0))
    assert shards.splits(Address("wds", str(tmp_path)), TAR) == ["train", "validation"]
    assert len(found(str(tmp_path))) == 2
    assert len(found(f"{tmp_path}@val")) == len(found(str(tmp_path), "validation")) == 1


def test_a_name_that_only_begins_like_a_split_is_none(tmp_path: Path) -> None:
    touch(tmp_path, "trainer-0.tar", "tests.tar")
    assert shards.splits(Address("wds", str(tmp_path)), TAR) == []
    assert len(found(str(tmp_path))) == 2


@pytest.mark.parametrize(
    ("rest", "what", "remedy"),
    [
        ("s-{0..3}.tar", "there is no file", "did you mean s-0.tar"),
        ("z/*.tar", "no .tar file matches", "quote it"),
        ("empty", "holds no .tar files", "give a folder of .tar files"),
        ("note.txt", "is no .tar file", "give a .tar file"),
    ],
)
def test_what_is_not_there(tmp_path: Path, rest: str, what: str, remedy: str) -> None:
    touch(tmp_path, "s-0.tar", "note.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FoveateError) as caught:
        found(f"{tmp_path}/{rest}")
    assert what in caught.value.what
    assert remedy in caught.value.remedy


def test_shards_elsewhere_are_refused() -> None:
    with pytest.raises(FoveateError, match="not on this machine"):
        found("https://example.org/a.tar")
