from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.data.columns import build, image_bytes
from foveate.data.decode import Reader, digest_of, encoded, encoded_digest_of
from foveate.data.library import library
from foveate.data.load import load


def table(files: list[bytes]):  # type: ignore[no-untyped-def]
    datasets = library()
    return build(
        {"image": image_bytes(files), "id": [f"i{number}" for number in range(len(files))]},
        {"image": datasets.Image(), "id": datasets.Value("string")},
    )


def png(seed: int) -> bytes:
    import io

    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (5, 6, 3), dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def test_rows_come_in_order_with_their_pixels_and_digests() -> None:
    files = [png(seed) for seed in range(150)]
    read = list(Reader(table(files)))
    assert [image.row for image in read] == list(range(150))
    assert [image.id for image in read] == [f"i{number}" for number in range(150)]
    for seed, image in enumerate(read):
        assert np.array_equal(image.pixels, np.random.default_rng(seed).integers(0, 256, (5, 6, 3), dtype=np.uint8))
        assert image.digest == digest_of(image.pixels)
        assert image.encoded_digest == encoded_digest_of(files[seed])
    assert len({image.digest for image in read}) == 150


def test_chosen_rows_of_a_shuffled_dataset() -> None:
    data = table([png(seed) for seed in range(20)]).select([9, 3, 17, 5])
    read = list(Reader(data, rows=[2, 0]))
    assert [(image.row, image.id) for image in read] == [(2, "i17"), (0, "i9")]
    assert [item.id for item in encoded(data)] == ["i9", "i3", "i17", "i5"]


def test_what_is_known_is_not_decoded() -> None:
    files = [png(0), b"broken but known", png(1)]
    known = encoded_digest_of(files[1])
    read = list(Reader(table(files), skip=lambda digest: digest == known))
    assert [image.pixels is None for image in read] == [False, True, False]
    assert read[1].digest is None
    assert read[1].encoded_digest == known


def test_the_digest_is_of_what_is_seen() -> None:
    import io

    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "BMP")
    one, other = Reader(table([png(0), stream.getvalue()]))
    assert one.digest == other.digest
    assert one.encoded_digest != other.encoded_digest
    assert digest_of(pixels) != digest_of(pixels.reshape(6, 5, 3))


def test_two_percent_may_be_unreadable_and_are_counted_and_named(notes: Callable[[], list[str]]) -> None:
    files = [png(seed) for seed in range(100)]
    files[40] = files[41][:30]
    files[77] = b""
    reader = Reader(table(files))
    assert [image.row for image in reader] == [row for row in range(100) if row not in {40, 77}]
    assert [name for name, _ in reader.unreadable] == ["i40", "i77"]
    assert reader.unreadable[1] == ("i77", "empty file")
    (note,) = notes()
    assert "2 of 100 images cannot be read and are left out: i40 (" in note
    list(reader)
    assert len(reader.unreadable) == 2  # counted anew each time


def test_more_than_two_percent_is_an_error_that_names_the_first() -> None:
    files = [png(seed) for seed in range(100)]
    for row in (7, 8, 9):
        files[row] = b""
    with pytest.raises(FoveateError) as caught:
        list(Reader(table(files)))
    named = "i7 (empty file), i8 (empty file), i9 (empty file)"
    assert f"3 of the 100 images cannot be read so far, more than 2%: {named}." in caught.value.what
    assert len(list(Reader(table(files), max_unreadable=0.03))) == 97


@pytest.mark.parametrize("bad", [1, 2])
def test_in_a_small_set_all_that_are_to_be_mended_are_named(bad: int) -> None:
    files = [png(seed) for seed in range(20)]
    for row in range(bad):
        files[5 * row] = b""
    with pytest.raises(FoveateError) as caught:
        list(Reader(table(files)))
    assert f"{bad} of the 20 images cannot be read, more than 2%: i0" in caught.value.what
    assert ("i5" in caught.value.what) == (bad == 2)


def test_a_file_that_vanished_and_a_row_without_image_are_unreadable(class_folder: Path) -> None:
    data = load(f"folder:{class_folder}")
    (class_folder / "bee" / "2.jpg").unlink()
    reader = Reader(data, max_unreadable=0.1)
    assert len(list(reader)) == 23
    assert reader.unreadable == [("bee/2.jpg", "file missing")]
    datasets = library()
    bare = build({"image": [None], "id": ["a"]}, {"image": datasets.Image(), "id": datasets.Value("string")})
    reader = Reader(bare, max_unreadable=1.0)
    assert list(reader) == []
    assert reader.unreadable == [("a", "no image in this row")]


def test_leaving_in_the_middle_leaves_no_thread_behind() -> None:
    import threading

    for image in Reader(table([png(seed) for seed in range(200)])):
        assert image.row == 0
        break
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]
