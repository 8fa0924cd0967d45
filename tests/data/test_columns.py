from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from foveate.core.errors import FoveateError
from foveate.data import labels as labels_of
from foveate.data.columns import ALIASES, agree, has_labels, ids, labels, shuffle_order
from foveate.data.library import library

from .conftest import as_bytes, picture


def table(**columns: object):  # type: ignore[no-untyped-def]
    return library().Dataset.from_dict(columns)


def files(count: int) -> list[bytes]:
    return [as_bytes(picture(seed)) for seed in range(count)]


@pytest.mark.parametrize("image", ALIASES["image"])
def test_the_image_goes_by_many_names_and_stays_encoded(image: str) -> None:
    data = agree(table(**{image: files(2)}), "t")
    assert data.features["image"] == library().Image()
    assert data.with_format("arrow")[:]["image"].to_pylist()[1]["bytes"] == files(2)[1]
    assert isinstance(data[0]["image"], Image.Image)


def test_an_image_column_of_any_name_is_found_if_it_is_the_only_one() -> None:
    data = table(scan=files(2), other=files(2)).cast_column("scan", library().Image())
    assert agree(data, "t").num_rows == 2
    with pytest.raises(FoveateError, match="several image columns: scan, other"):
        agree(data.cast_column("other", library().Image()), "t")
    with pytest.raises(FoveateError, match="no image column; its columns are a, b"):
        agree(table(a=[1], b=["x"]), "t")


def test_a_text_column_called_image_gives_way_to_the_real_one() -> None:
    data = agree(table(image=["http://a/1.jpg"], jpg=files(1)), "t")
    assert data.with_format("arrow")[:]["image"].to_pylist()[0]["bytes"] == files(1)[0]


@pytest.mark.parametrize("label", ALIASES["label"])
def test_the_label_goes_by_many_names(label: str) -> None:
    data = agree(table(image=files(3), **{label: ["dog", "ant", "dog"]}), "t")
    values, names = labels(data)
    assert names == ["ant", "dog"]
    assert values.tolist() == [1, 0, 1]
    assert values.dtype == np.int64
    assert labels_of(data)[1] == names


def test_numbers_are_classes_in_numeric_order() -> None:
    values, names = labels(agree(table(image=files(4), label=[10, 9, 2, 10]), "t"))
    assert names == ["2", "9", "10"]
    assert values.tolist() == [2, 1, 0, 2]


def test_truth_values_and_whole_floats_are_classes_and_fractions_are_not() -> None:
    assert labels(agree(table(image=files(2), label=[True, False]), "t"))[1] == ["False", "True"]
    assert labels(agree(table(image=files(2), label=[3.0, 1.0]), "t"))[1] == ["1", "3"]
    with pytest.raises(FoveateError, match=r"label column of t holds fractions such as 0\.5"):
        agree(table(image=files(2), label=[0.5, 1.0]), "t")


@pytest.mark.parametrize(
    "column",
    [["a", None, "b", "a"], [0.0, float("nan"), 1.0, 0.0], [0, None, 1, 0], [0, -1, 1, 0], ["a", "", "b", "a"]],
)
def test_rows_without_a_label_are_left_out_with_a_note(column: list[object], notes: Callable[[], list[str]]) -> None:
    data = agree(table(image=files(4), label=column, id=list("wxyz")), "t")
    assert ids(data) == ["w", "y", "z"]
    assert labels(data)[0].tolist() == [0, 1, 0]
    assert notes() == ["note: t: 1 of 4 rows have no label and are left out: x"]


def test_class_labels_of_the_hub_with_minus_one(notes: Callable[[], list[str]]) -> None:
    datasets = library()
    feature = datasets.ClassLabel(names=["no", "yes"])
    data = table(image=files(3)).add_column("label", [1, -1, 0], feature=feature)
    assert labels(agree(data, "t"))[0].tolist() == [1, 0]
    assert len(notes()) == 1
    blind = table(image=files(2)).add_column("label", [-1, -1], feature=feature)
    assert not has_labels(agree(blind, "t"))


def test_no_labels_at_all_is_an_error_only_where_they_are_asked_for() -> None:
    data = agree(table(image=files(2), label=[None, None]), "t")
    assert not has_labels(data)
    with pytest.raises(FoveateError, match="no labels"):
        labels(data)


def test_many_labels_a_row_are_left_alone() -> None:
    data = agree(table(image=files(2), labels=[[1, 2], [3]]), "t")
    assert not has_labels(data)
    assert data[0]["labels"] == [1, 2]


def test_ids_are_the_own_key_else_the_path_else_the_row() -> None:
    assert ids(agree(table(image=files(2), image_id=[7, 9]), "t")) == ["7", "9"]
    paths = [{"bytes": data, "path": f"{row}.png"} for row, data in enumerate(files(2))]
    assert ids(agree(table(image=paths), "t")) == ["0.png", "1.png"]
    assert ids(agree(table(image=files(2)), "t")) == ["0", "1"]


def test_repeated_ids_are_made_unique_in_order(notes: Callable[[], list[str]]) -> None:
    data = agree(table(image=files(5), id=["a", "a", "a#2", "b", "a"]), "t")
    assert ids(data) == ["a", "a#3", "a#2", "b", "a#4"]
    assert "2 ids stand more than once" in notes()[0]


def test_missing_ids_are_row_numbers(notes: Callable[[], list[str]]) -> None:
    assert ids(agree(table(image=files(2), id=["a", None]), "t")) == ["a", "row-1"]
    assert "1 rows have no id" in notes()[0]


def test_captions_find_their_names() -> None:
    data = agree(table(image=files(1), text=["a dog"], sentences=[["a", "b"]]), "t")
    assert data[0]["caption"] == "a dog"
    assert data[0]["captions"] == ["a", "b"]


@given(st.lists(st.text(max_size=8), unique=True, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_shuffle_depends_on_the_ids_alone(names: list[str], random: object) -> None:
    once = [names[place] for place in shuffle_order(names)]
    random.shuffle(names)  # type: ignore[attr-defined]
    assert [names[place] for place in shuffle_order(names)] == once


def test_the_shuffle_is_the_same_for_ever() -> None:
    order = shuffle_order([f"row-{number}" for number in range(6)])
    assert order.tolist() == [2, 4, 1, 3, 5, 0]  # of b2sum -l 64 of the ids, ascending
