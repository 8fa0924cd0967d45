from __future__ import annotations

from pathlib import Path

import pytest

from foveate.features import digests as module
from foveate.features.digests import Digests
from foveate.features.keys import digest16


def name(kind: str, i: int) -> bytes:
    return digest16(kind.encode(), bytes([i]))


def add(root: Path, *numbers: int) -> Digests:
    store = Digests(root)
    for i in numbers:
        store.add(name("file", i), name("pixels", i))
    store.flush()
    return store


def test_pairs_are_found_again(tmp_path: Path) -> None:
    add(tmp_path, 0, 1)
    add(tmp_path, 2)
    found = Digests(tmp_path).find([name("file", i) for i in (2, 7, 0)])
    assert found == [name("pixels", 2), None, name("pixels", 0)]


def test_an_empty_table_knows_nothing(tmp_path: Path) -> None:
    assert Digests(tmp_path).find([name("file", 0)]) == [None]
    assert Digests(tmp_path).find([]) == []


@pytest.mark.parametrize("keep", [0, 10, -9])
def test_a_damaged_part_is_ignored(tmp_path: Path, keep: int) -> None:
    folder = add(tmp_path, 0).folder
    path = next(folder.glob("part-*"))
    path.write_bytes(path.read_bytes()[:keep])
    add(tmp_path, 1)
    assert Digests(tmp_path).find([name("file", 0), name("file", 1)]) == [None, name("pixels", 1)]


def test_a_changed_byte_gives_no_wrong_pixels(tmp_path: Path) -> None:
    path = next(add(tmp_path, *range(40)).folder.glob("part-*"))
    data = bytearray(path.read_bytes())
    data[data.index(name("pixels", 5))] ^= 1
    path.write_bytes(data)
    assert Digests(tmp_path).find([name("file", 5)]) == [None]


def test_many_parts_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MERGE_ABOVE", 3)
    for i in range(5):
        add(tmp_path, i)
    folder = Digests(tmp_path).folder
    assert len(list(folder.iterdir())) <= 3
    assert Digests(tmp_path).find([name("file", i) for i in range(5)]) == [name("pixels", i) for i in range(5)]


def test_another_version_of_pillow_decodes_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path, 0)
    monkeypatch.setattr("PIL.__version__", "0.0")
    assert Digests(tmp_path).find([name("file", 0)]) == [None]
