from __future__ import annotations

import errno
import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foveate.core import cache
from foveate.core.errors import FoveateError
from foveate.data import pixels
from foveate.data.load import load
from foveate.data.pixels import PixelStore

from .conftest import as_bytes, picture


def stores() -> list[Path]:
    return sorted(path for path in (cache.root() / "pixels").iterdir() if not path.name.startswith("."))


def test_pixels_sizes_rows_and_labels(class_folder: Path) -> None:
    store = PixelStore(load(f"folder:{class_folder}"), (12, 16))
    assert len(store) == 24
    assert store.pixels.shape == (24, 3, 12, 16)
    assert store.pixels.dtype == np.uint8
    assert np.array_equal(store.pixels[1].transpose(1, 2, 0), np.asarray(picture(1)))
    assert store.sizes.tolist() == [[12, 16]] * 24
    assert store.rows.tolist() == list(range(24))
    assert store.labels is not None
    assert store.labels.tolist() == [0] * 8 + [1] * 8 + [2] * 8
    assert store.class_names == ["ant", "bee", "cat"]


def test_images_are_squashed_to_the_canvas_and_remember_their_aspect(tmp_path: Path) -> None:
    image = picture(0, 30, 90)
    (tmp_path / "a.png").write_bytes(as_bytes(image))
    store = PixelStore(load(f"folder:{tmp_path}"), 16)
    expected = np.asarray(image.resize((16, 16), Image.Resampling.BICUBIC))
    assert np.array_equal(store.pixels[0].transpose(1, 2, 0), expected)
    assert store.sizes.tolist() == [[30, 90]]
    assert store.labels is None


def test_the_second_store_decodes_nothing(class_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load(f"folder:{class_folder}")
    first = PixelStore(data, 8)
    monkeypatch.setattr(pixels, "decode_squashed", None)
    second = PixelStore(data, 8)
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.sizes, second.sizes)
    assert len(stores()) == 1


def test_another_canvas_another_slice_or_a_changed_image_is_another_store(class_folder: Path) -> None:
    data = load(f"folder:{class_folder}")
    before = PixelStore(data, 8)
    PixelStore(data, 9)
    PixelStore(load(f"folder:{class_folder}[0:3]"), 8)
    changed = class_folder / "ant" / "1.png"
    was = changed.stat()
    content = bytearray(changed.read_bytes())
    changed.write_bytes(as_bytes(picture(999)).ljust(len(content), b"\0")[: len(content)])
    os.utime(changed, ns=(was.st_atime_ns, was.st_mtime_ns))  # the same size and date: only the change time tells
    after = PixelStore(data, 8, max_unreadable=0.1)
    assert len(stores()) == 4
    assert not np.array_equal(before.pixels[1], after.pixels[1])


def test_unreadable_images_are_left_out_and_named_also_by_the_second_store(
    class_folder: Path, notes: Callable[[], list[str]]
) -> None:
    (class_folder / "bee" / "3.png").write_bytes(b"")
    data = load(f"folder:{class_folder}")
    for _ in range(2):
        store = PixelStore(data, 8, max_unreadable=0.05)
        assert len(store) == len(store.pixels) == len(store.labels) == 23  # type: ignore[arg-type]
        assert 11 not in store.rows
        assert store.unreadable == [("bee/3.png", "empty file")]
        assert "1 of 24 images cannot be read and is left out" in notes()[0]
    with pytest.raises(FoveateError, match="more than 2%"):
        PixelStore(data, 8)


def test_beyond_the_memory_budget_it_is_mapped_from_the_disk(class_folder: Path) -> None:
    data = load(f"folder:{class_folder}")
    held, mapped = PixelStore(data, 8), PixelStore(data, 8, memory_budget=100)
    assert isinstance(mapped.pixels, np.memmap)
    assert not isinstance(held.pixels, np.memmap)
    assert np.array_equal(held.pixels, mapped.pixels)


def test_without_room_on_the_disk(class_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 10**9, 5 * 10**8))
    data = load(f"folder:{class_folder}")
    assert PixelStore(data, 8).pixels.shape == (24, 3, 8, 8)  # in memory, nothing kept
    assert stores() == []
    with pytest.raises(FoveateError) as caught:
        PixelStore(data, 8, memory_budget=100)
    assert "0.0 GB to spare" in caught.value.what
    assert "FOVEATE_CACHE" in caught.value.remedy


def test_a_build_that_dies_leaves_no_store(class_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load(f"folder:{class_folder}")

    def die(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is gone")

    monkeypatch.setattr(pixels, "write_json", die)
    with pytest.raises(FoveateError, match=r"cannot be kept in .*: the disk is gone"):
        PixelStore(data, 8)
    assert stores() == []
    monkeypatch.undo()


def test_a_cache_that_cannot_be_written(class_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path / "file"))
    with pytest.raises(FoveateError) as caught:
        PixelStore(load(f"folder:{class_folder}"), 8)
    assert caught.value.remedy.endswith("set FOVEATE_CACHE to another folder")


def test_two_processes_at_once_build_one_store(class_folder: Path) -> None:
    import subprocess
    import sys

    code = (
        "from foveate.data.load import load; from foveate.data.pixels import PixelStore;"
        f"print(PixelStore(load('folder:{class_folder}'), 8).pixels.sum())"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    sums = [process.communicate()[0] for process in running]
    assert sums[0] == sums[1] != ""
    assert len(stores()) == 1
