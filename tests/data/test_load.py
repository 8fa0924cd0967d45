from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.data.columns import ids, labels
from foveate.data.decode import Reader
from foveate.data.load import divide, load, load_pair, match_labels, stream
from foveate.data.registry import SCHEMES, Scheme
from tests.packing import pack

from .conftest import as_bytes, picture


def test_the_same_rows_and_digests_from_every_format(class_folder: Path, tmp_path: Path) -> None:
    folder = load(f"folder:{class_folder}")
    folder.to_parquet(tmp_path / "rows.parquet")
    folder.save_to_disk(tmp_path / "saved")
    half = folder.num_rows // 2
    pack(tmp_path / "shard-0.tar", folder.select(range(half)))
    pack(tmp_path / "shard-1.tar", folder.select(range(half, folder.num_rows)))

    def seen(address: str) -> list[tuple[str, bytes, bytes, str]]:
        data = load(address)
        values, names = labels(data)
        return [
            (image.id, image.digest, image.encoded_digest, names[values[image.row]])  # type: ignore[misc]
            for image in Reader(data)
        ]

    for part in ("", "[3:11]"):
        expected = seen(f"folder:{class_folder}{part}")
        assert len(expected) == (24 if not part else 8)
        for address in (
            f"parquet:{tmp_path}/rows.parquet",
            f"wds:{tmp_path}/shard-{{0..1}}.tar",
            f"hf:{tmp_path}/saved",
        ):
            assert seen(address + part) == expected


def test_slices_are_fair_disjoint_and_cover(class_folder: Path) -> None:
    whole = f"folder:{class_folder}"
    first, second = ids(load(f"{whole}[0:10]")), ids(load(f"{whole}[10:]"))
    assert len(first) == 10
    assert not set(first) & set(second)
    assert sorted(first + second) == sorted(ids(load(whole)))
    assert ids(load(f"{whole}[:4]")) == first[:4]
    assert len(set(labels(load(f"{whole}[0:10]"))[0])) == 3  # not the first class alone
    assert labels(load(f"{whole}[0:1]"))[1] == ["ant", "bee", "cat"]


def test_an_empty_slice_says_how_many_rows_there_are(class_folder: Path, notes: Callable[[], list[str]]) -> None:
    with pytest.raises(FoveateError, match=r"\[24:30\].*is empty: there are 24 rows"):
        load(f"folder:{class_folder}[24:30]")
    assert load(f"folder:{class_folder}[20:30]").num_rows == 4
    assert "there are 24" in notes()[-1]


@pytest.mark.parametrize(
    "address", ["builtin:digits[4:4]", "builtin:digits[5:2]", "builtin:digits[a:b]", "builtin:digits[3]"]
)
def test_slices_that_mean_nothing(address: str) -> None:
    with pytest.raises(FoveateError, match="cannot read the slice"):
        load(address)


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("flder:photos", "did you mean folder"),
        ("photos", "write SCHEME:PATH"),
        ("builtin:digist", "did you mean digits"),
        ("builtin:digits@tset", "did you mean test"),
        ("", "write SCHEME:NAME"),
    ],
)
def test_a_wrong_address_is_answered_with_the_right_one(address: str, remedy: str) -> None:
    with pytest.raises(FoveateError) as caught:
        load(address)
    assert remedy in caught.value.remedy


def split_folder(root: Path, **parts: dict[str, int]) -> Path:
    seed = 0
    for split, classes in parts.items():
        for name, count in classes.items():
            (root / split / name).mkdir(parents=True)
            for number in range(count):
                seed += 1
                (root / split / name / f"{number}.png").write_bytes(as_bytes(picture(seed)))
    return root


def test_the_own_test_split_is_the_test_set(tmp_path: Path) -> None:
    root = split_folder(tmp_path / "d", train={"a": 5, "b": 4}, val={"a": 2, "b": 2}, test={"a": 1, "b": 2})
    pair = load_pair(f"folder:{root}[0:6]")
    assert (pair.train.num_rows, pair.test.num_rows) == (6, 3)
    assert pair.how == f"test rows: the set's own split, folder:{root}@test"
    assert not pair.divided
    assert load_pair(f"folder:{root}@train").test.num_rows == 3


def test_validation_stands_in_where_there_is_no_test(tmp_path: Path) -> None:
    root = split_folder(tmp_path / "d", train={"a": 5, "b": 4}, val={"a": 2, "b": 2})
    assert "@validation" in load_pair(f"folder:{root}").how


def test_another_split_than_train_is_divided(tmp_path: Path) -> None:
    root = split_folder(tmp_path / "d", train={"a": 5, "b": 5}, test={"a": 10, "b": 10})
    pair = load_pair(f"folder:{root}@test")
    assert (pair.train.num_rows, pair.test.num_rows) == (16, 4)


def test_without_a_split_a_fixed_stratified_fifth(class_folder: Path) -> None:
    pair, again = load_pair(f"folder:{class_folder}"), load_pair(f"folder:{class_folder}")
    assert not set(ids(pair.train)) & set(ids(pair.test))
    assert np.bincount(labels(pair.test)[0]).tolist() == [2, 2, 2]
    assert ids(pair.test) == ids(again.test)
    assert "fixed fifth" in pair.how
    assert pair.divided


def test_the_division_does_not_depend_on_the_order(class_folder: Path) -> None:
    data = load(f"folder:{class_folder}")
    shuffled = data.select(np.random.default_rng(0).permutation(data.num_rows))
    held = {ids(part)[row] for part in (data, shuffled) for row in divide(part)[1]}
    assert len(held) == len(divide(data)[1])


def test_one_image_cannot_be_divided(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(as_bytes(picture(0)))
    with pytest.raises(FoveateError, match="too few rows"):
        load_pair(f"folder:{tmp_path}")


def test_classes_are_matched_by_name(tmp_path: Path) -> None:
    one = split_folder(tmp_path, one={"ant": 3, "bee": 3, "cat": 3}) / "one"
    other = split_folder(tmp_path, other={"bee": 2, "cat": 1}) / "other"
    pair = load_pair(f"folder:{one}", f"folder:{other}")
    values, names = labels(pair.test)
    assert names == ["ant", "bee", "cat"]
    assert values.tolist() == [1, 1, 2]
    with pytest.raises(FoveateError, match="classes that the train rows do not have: ant"):
        match_labels(load(f"folder:{one}"), load(f"folder:{other}"), "x")


def test_a_split_of_classes_never_seen_is_left_aside(tmp_path: Path) -> None:
    folder = split_folder(tmp_path, train={"ant": 10, "bee": 10}, test={"ant": 1, "cat": 3})
    pair = load_pair(f"folder:{folder}@train")
    assert (pair.train.num_rows, pair.test.num_rows, pair.divided) == (16, 4, True)
    assert labels(pair.test)[1] == ["ant", "bee"]


def test_streams_have_no_slices_and_not_every_scheme_has_them(tmp_path: Path) -> None:
    with pytest.raises(FoveateError, match="not streamed"):
        stream("builtin:digits")
    with pytest.raises(FoveateError, match="no slices"):
        stream(f"wds:{tmp_path}/a.tar[0:2]")


def test_a_scheme_of_a_third_party_is_one_object_on_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEMES._targets, "twice", f"{__name__}:TWICE")
    assert load("twice:shapes[0:3]").num_rows == 3


TWICE = Scheme(load=lambda address, split: load(f"builtin:{address.rest}"))
