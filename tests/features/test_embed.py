from __future__ import annotations

import io
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset, Image, IterableDataset
from PIL import Image as Pillow

from foveate.core import cache, files
from foveate.core.errors import FoveateError
from foveate.features import embed as embed_module
from foveate.features import job as job_module
from foveate.features import source
from foveate.features.embed import embed
from tests.features.conftest import Planted, pictures, png, table

QUIET = {"progress": False}


def expected(images: list[np.ndarray]) -> np.ndarray:
    return np.stack(images).astype(np.float64).mean((1, 2)) / 255


def test_features_are_those_of_the_images(planted: Planted) -> None:
    images = pictures(50)
    features = embed(
        planted, table([png(p) for p in images]), ["pooled", "thumb", "grid:tokens"], batch_size=7, **QUIET
    )
    assert np.allclose(features.array("pooled"), expected(images), atol=1e-6)
    assert features.array("thumb").shape == features.array("thumb:mean").shape == (50, 192)
    assert features.array("grid:tokens").shape == features.shape("grid:tokens") == (50, 64, 3)
    assert features.taps == ("pooled", "thumb:mean", "grid:tokens")
    assert features.rows.tolist() == list(range(50))
    assert features.ids[3] == "p3"
    assert features.labels is not None
    assert features.labels.tolist() == [i % 2 for i in range(50)]
    assert features.class_names == ["even", "odd"]
    assert (features.computed, features.reused) == (50, 0)


def test_a_second_run_neither_decodes_nor_computes_and_is_equal(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = table([png(p) for p in pictures(40)])
    first = embed(planted, data, **QUIET)

    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(source, "decode_bytes", never)
    other = Planted()
    second = embed(other, data, **QUIET)
    assert other.images == 0
    assert np.array_equal(first.array("pooled"), second.array("pooled"))
    assert (second.computed, second.reused) == (0, 40)
    assert second.digests == first.digests
    assert second.encoded_digests == first.encoded_digests


def test_a_slice_another_order_and_more_rows_reuse(planted: Planted) -> None:
    data = table([png(p) for p in pictures(30)])
    whole = embed(planted, data, **QUIET).array("pooled")
    order = [20, 3, 11]
    part = embed(planted, data.select(order), **QUIET)
    assert planted.images == 30
    assert np.array_equal(part.array("pooled"), whole[order])
    assert part.ids == ["p20", "p3", "p11"]
    more = embed(planted, table([png(p) for p in [*pictures(30), *pictures(5, seed=9)]]), **QUIET)
    assert planted.images == 35
    assert more.computed == 5
    assert np.array_equal(more.array("pooled")[:30], whole)


def test_another_lossless_format_reuses(planted: Planted, tmp_path: Path) -> None:
    images = pictures(6)
    embed(planted, table([png(p) for p in images]), **QUIET)
    paths = []
    for i, pixels in enumerate(images):
        paths.append(str(tmp_path / f"{i}.bmp"))
        Pillow.fromarray(pixels).save(paths[-1])
    data = Dataset.from_dict({"image": paths, "id": list("abcdef")}).cast_column("image", Image())
    again = embed(planted, data, **QUIET)
    assert planted.images == 6
    assert np.allclose(again.array("pooled"), expected(images), atol=1e-6)


def test_one_more_tap_computes_only_itself(planted: Planted) -> None:
    data = table([png(p) for p in pictures(10)])
    before = embed(planted, data, ["pooled"], **QUIET).array("pooled")
    both = embed(planted, data, ["pooled", "thumb"], **QUIET)
    assert planted.asked == [["pooled"], ["thumb:mean"]]
    assert np.array_equal(both.array("pooled"), before)
    assert both.computed == 10


def test_mixed_rows_get_what_each_lacks(planted: Planted) -> None:
    images = pictures(12)
    data = table([png(p) for p in images])
    embed(planted, data.select(range(5)), ["pooled"], **QUIET)
    embed(planted, data.select(range(3, 8)), ["thumb"], **QUIET)
    both = embed(planted, data, ["pooled", "thumb"], batch_size=12, **QUIET)
    assert np.allclose(both.array("pooled"), expected(images), atol=1e-6)
    assert np.allclose(both.array("thumb").reshape(12, 3, -1).mean(2), expected(images), atol=1e-5)
    rows = {tap: len(store) for tap, store in both._stores.items()}
    assert rows == {"pooled": 12, "thumb:mean": 12}, "no row is stored twice"


def test_a_changed_image_is_noticed(planted: Planted, tmp_path: Path) -> None:
    images = pictures(4)
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    for path, pixels in zip(paths, images, strict=True):
        path.write_bytes(png(pixels))
    data = Dataset.from_dict({"image": list(map(str, paths)), "id": list("abcd")}).cast_column("image", Image())
    embed(planted, data, **QUIET)
    images[2] = 255 - images[2]
    paths[2].write_bytes(png(images[2]))
    again = embed(planted, data, **QUIET)
    assert again.computed == 1
    assert np.allclose(again.array("pooled"), expected(images), atol=1e-6)


def test_copies_of_an_image_are_computed_once(planted: Planted) -> None:
    images = pictures(5)
    order = [0, 1, 0, 2, 2, 3, 0, 4]
    features = embed(planted, table([png(images[i]) for i in order]), batch_size=2, **QUIET)
    assert planted.images == 5
    assert (features.computed, features.reused) == (5, 3)
    assert np.allclose(features.array("pooled"), expected([images[i] for i in order]), atol=1e-6)


def test_numbers_do_not_depend_on_batch_size_or_threads(tmp_path: Path) -> None:
    data = table([png(p) for p in pictures(45)])
    runs = [
        embed(
            Planted(),
            data,
            ["thumb"],
            batch_size=batch,
            threads=threads,
            cache=tmp_path / f"{batch}-{threads}",
            **QUIET,
        )
        for batch, threads in ((1, 1), (16, 1), (16, 2), (64, 4))
    ]
    one, *others = (run.array("thumb") for run in runs)
    for other in others:
        assert np.allclose(one, other, atol=1e-6)
    assert np.array_equal(others[0], others[1]), "the number of threads changes nothing at all"


def test_boxes_cut_and_are_part_of_the_key(planted: Planted) -> None:
    images = pictures(6, side=16)
    data = table([png(p) for p in images])
    boxes = np.array([[i, 0, i + 8, 8] for i in range(6)])
    crops = embed(planted, data, boxes=boxes, **QUIET)
    cut = [p[0:8, i : i + 8] for i, p in enumerate(images)]
    assert np.allclose(crops.array("pooled"), expected(cut), atol=1e-6)
    assert embed(planted, data, boxes=boxes, **QUIET).computed == 0
    assert embed(planted, data, boxes=boxes + 1, **QUIET).computed == 6
    assert embed(planted, data, **QUIET).computed == 6


@pytest.mark.parametrize("box", [[0, 0, 9, 8], [-1, 0, 4, 4], [3, 3, 3, 6]])
def test_a_box_outside_its_image_is_refused(planted: Planted, box: list[int]) -> None:
    with pytest.raises(FoveateError, match="p0"):
        embed(planted, table([png(pictures(1)[0])]), boxes=[box], **QUIET)


def test_unreadable_images_are_left_out_and_named(planted: Planted) -> None:
    images = pictures(60)
    encoded = [png(p) for p in images]
    encoded[17] = b"no image"
    features = embed(planted, table(encoded), **QUIET)
    assert [name for name, _ in features.unreadable] == ["p17"]
    kept = [i for i in range(60) if i != 17]
    assert features.rows.tolist() == kept
    assert features.labels is not None
    assert features.labels.tolist() == [i % 2 for i in kept]
    assert np.allclose(features.array("pooled"), expected([images[i] for i in kept]), atol=1e-6)
    encoded[18] = encoded[19] = b""
    with pytest.raises(FoveateError, match="cannot be read"):
        embed(planted, table(encoded), **QUIET)


def test_what_is_not_finite_is_refused_by_name_and_not_stored(planted: Planted) -> None:
    data = table([png(p) for p in pictures(20)])

    def poison(features: torch.Tensor) -> torch.Tensor:
        features = features.clone()
        if planted.images == 12:  # the third batch of four
            features[1] = float("nan")
        return features

    planted.poison = poison
    with pytest.raises(FoveateError, match=r"pooled for p9\.") as caught:
        embed(planted, data, batch_size=4, **QUIET)
    assert "nothing of these images was stored" in caught.value.remedy
    healthy = Planted()
    features = embed(healthy, data, batch_size=4, **QUIET)
    assert healthy.images == 12, "the batches before it were kept"
    assert np.isfinite(features.array("pooled")).all()


@pytest.mark.parametrize("commit_every_batch", [False, True])
def test_stopped_anywhere_it_goes_on_bit_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commit_every_batch: bool
) -> None:
    data = table([png(p) for p in pictures(64)])
    straight = embed(Planted(), data, ["thumb"], batch_size=8, cache=tmp_path / "a", **QUIET).array("thumb")
    monkeypatch.setattr(job_module, "PART_ROWS", 8 if commit_every_batch else 16)

    class Killed(BaseException):
        pass

    class Mortal(Planted):
        def __call__(self, images: torch.Tensor, taps: list[str]) -> dict[str, torch.Tensor]:  # type: ignore[override]
            made = super().__call__(images, taps)
            if self.images >= 40:
                raise Killed
            return made

    with pytest.raises(Killed):
        embed(Mortal(), data, ["thumb"], batch_size=8, cache=tmp_path / "b", **QUIET)
    second = Planted()
    resumed = embed(second, data, ["thumb"], batch_size=8, cache=tmp_path / "b", **QUIET)
    assert second.images == 64 - 32
    assert np.array_equal(resumed.array("thumb"), straight)


def test_a_lost_part_is_computed_again(planted: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    data = table([png(p) for p in pictures(8)])
    first = embed(planted, data, **QUIET).array("pooled")
    part = next((cache.root() / "features").glob("*/part-*.npy"))
    part.write_bytes(part.read_bytes()[:-1])
    again = embed(planted, data, **QUIET)
    assert again.computed == 8
    assert np.array_equal(again.array("pooled"), first)
    assert "computed anew" in capsys.readouterr().err


def test_two_at_once_agree() -> None:
    data = table([png(p) for p in pictures(80)])
    results: list[np.ndarray] = []

    def work() -> None:
        results.append(embed(Planted(), data, ["thumb"], batch_size=8, **QUIET).array("thumb"))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert all(np.array_equal(results[0], other) for other in results)


def test_a_stream_is_embedded_and_reuses(planted: Planted) -> None:
    images = pictures(25)
    data = table([png(p) for p in images])
    features = embed(planted, data.to_iterable_dataset(), batch_size=4, **QUIET)
    assert isinstance(data.to_iterable_dataset(), IterableDataset)
    assert np.allclose(features.array("pooled"), expected(images), atol=1e-6)
    assert features.ids == [f"p{i}" for i in range(25)]
    assert features.labels is not None
    assert features.labels.tolist() == [i % 2 for i in range(25)]
    assert embed(planted, data, **QUIET).computed == 0
    assert planted.images == 25


def test_a_stream_is_read_no_further_than_needed() -> None:
    """What waits between reading and computing is bounded."""
    taken = 0
    held: list[int] = []
    files_ = [png(p) for p in pictures(8)]

    def rows():  # type: ignore[no-untyped-def]
        nonlocal taken
        for i in range(2000):
            taken = i + 1
            yield {"image": {"bytes": files_[i % 8], "path": None}, "id": str(i)}

    class Slow(Planted):
        def __call__(self, images: torch.Tensor, taps: list[str]) -> dict[str, torch.Tensor]:  # type: ignore[override]
            held.append(taken)
            return super().__call__(images, taps)

    stream = IterableDataset.from_generator(rows)
    features = embed(Slow(), stream, batch_size=4, threads=2, **QUIET)
    assert len(features) == 2000
    assert max(held) < 200


@pytest.mark.parametrize("bad", [range(40), range(360, 400)])
def test_a_stream_of_too_many_unreadable_images_is_an_error(planted: Planted, bad: range) -> None:
    """Its length is known at the end only, when the bad ones may be long past."""
    good = png(pictures(1)[0])
    stream = table([b"no" if i in bad else good for i in range(400)]).to_iterable_dataset()
    with pytest.raises(FoveateError, match=r"of (the )?400 images.* cannot be read"):
        embed(planted, stream, **QUIET)
    assert len(embed(planted, stream, max_unreadable=0.1, **QUIET)) == 360


def test_a_stream_of_arrays_is_refused(planted: Planted) -> None:
    stream = IterableDataset.from_generator(lambda: iter([{"image": [[1, 2], [3, 4]], "id": "x"}]))
    with pytest.raises(FoveateError, match="not encoded images"):
        embed(planted, stream, **QUIET)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"taps": ["nowhere"]}, "no tap"),
        ({"taps": []}, "no tap is asked for"),
        ({"batch_size": 0}, "batch of 0"),
        ({"engine": "torchrun"}, "torchrun"),
        ({"engine": "ray"}, "ray"),
    ],
)
def test_mistakes_are_told_before_any_image_is_read(planted: Planted, changes: dict, said: str) -> None:
    data = table([b"unreadable"])
    with pytest.raises(FoveateError, match=said):
        embed(planted, data, **{"taps": ["pooled"], **QUIET, **changes})
    assert not (cache.root() / "features").exists()


def test_no_rows_is_an_error(planted: Planted) -> None:
    with pytest.raises(FoveateError, match="no rows"):
        embed(planted, table([png(pictures(1)[0])]).select([]), **QUIET)


def test_a_full_disk_is_an_error(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(FoveateError, match="disk is full"):
        embed(planted, table([png(p) for p in pictures(4)]), **QUIET)


def test_precision_is_another_key(planted: Planted) -> None:
    data = table([png(p) for p in pictures(3)])
    embed(planted, data, **QUIET)
    assert embed(planted, data, precision="bf16", **QUIET).computed == 3


def test_ray_spreads_ranges_and_the_caller_finds_them(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for the cluster: ranges are worked off, in any order, and nothing is left to compute."""
    seen: list[tuple[int, int]] = []

    def map_ranges(work, total: int, *, gpus: int) -> None:  # type: ignore[no-untyped-def]
        for start in (20, 0, 10):
            seen.append((start, start + 10))
            assert work(start, start + 10) == 10
        assert (total, gpus) == (30, 0)

    monkeypatch.setattr("foveate.engine.ray.map_ranges", map_ranges)
    images = pictures(30)
    features = embed(planted, table([png(p) for p in images]), engine="ray", **QUIET)
    assert len(seen) == 3
    assert planted.images == 30
    assert np.allclose(features.array("pooled"), expected(images), atol=1e-6)


def test_jpegs_of_any_size_meet_the_encoders_own_preprocessing(planted: Planted) -> None:
    encoded = []
    for i, side in enumerate((9, 30, 64)):
        sink = io.BytesIO()
        Pillow.fromarray(np.full((side, side + i, 3), 40 * (i + 1), dtype=np.uint8)).save(
            sink, format="jpeg", quality=95
        )
        encoded.append(sink.getvalue())
    features = embed(planted, table(encoded), **QUIET)
    assert np.allclose(features.array("pooled"), [[40 * (i + 1) / 255] * 3 for i in range(3)], atol=0.01)


def test_default_batches_are_the_devices() -> None:
    assert embed_module._batch_size(torch.device("cpu")) < embed_module._batch_size(torch.device("cuda"))
