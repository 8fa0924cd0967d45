from __future__ import annotations

from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.data.columns import ids, labels
from foveate.data.library import library
from foveate.data.load import load, load_pair, stream


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    datasets = library()
    parts = {"train": load("builtin:shapes[0:12]"), "val": load("builtin:shapes@test[0:4]")}
    datasets.DatasetDict(parts).save_to_disk(tmp_path / "both")
    parts["train"].save_to_disk(tmp_path / "one")
    return tmp_path


def test_a_saved_dataset(saved: Path) -> None:
    data = load(f"hf:{saved}/one")
    assert sorted(ids(data)) == sorted(ids(load("builtin:shapes[0:12]")))
    assert labels(data)[1] == ["circle", "cross", "square", "triangle"]
    assert data.cache_files  # mapped from where it lies
    with pytest.raises(FoveateError, match="has no splits"):
        load(f"hf:{saved}/one@train")


def test_a_saved_dict_of_splits(saved: Path) -> None:
    assert load(f"hf:{saved}/both").num_rows == 12
    assert load(f"hf:{saved}/both@val").num_rows == load(f"hf:{saved}/both@validation").num_rows == 4
    assert load_pair(f"hf:{saved}/both").test.num_rows == 4
    with pytest.raises(FoveateError, match="has no split 'test'"):
        load(f"hf:{saved}/both@test")
    assert len(list(stream(f"hf:{saved}/both"))) == 12


def test_columns_of_the_hub_find_their_names(tmp_path: Path) -> None:
    shapes = load("builtin:shapes[0:8]").remove_columns("id")
    shapes.rename_columns({"image": "img", "label": "fine_label"}).save_to_disk(tmp_path / "s")
    data = load(f"hf:{tmp_path}/s")
    assert labels(data)[0].tolist() == labels(shapes)[0].tolist()
    assert ids(data) == [str(row) for row in range(8)]


def test_folders_of_something_else_and_torn_ones(saved: Path, class_folder: Path) -> None:
    with pytest.raises(FoveateError) as caught:
        load(f"hf:{class_folder}")
    assert caught.value.remedy == f"did you mean folder:{class_folder}?"
    next((saved / "one").glob("*.arrow")).write_bytes(b"torn")
    with pytest.raises(FoveateError, match="cannot be read as a saved data set"):
        load(f"hf:{saved}/one")
    with pytest.raises(FoveateError, match="there is no folder"):
        load(f"hf:{saved}/none")


def test_without_a_network_it_says_what_to_do() -> None:
    with pytest.raises(FoveateError) as caught:
        load("hf:nobody/nothing@train")
    assert caught.value.what.startswith("hf:nobody/nothing@train cannot be loaded")
    assert "hf:FOLDER" in caught.value.remedy


def test_the_hubs_own_names_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = library()
    asked: list[tuple[object, ...]] = []

    def answer(path: str, config: str | None, *, split: str, cache_dir: str):  # type: ignore[no-untyped-def]
        asked.append((path, config, split))
        return load("builtin:shapes@test")

    monkeypatch.setattr(datasets, "get_dataset_split_names", lambda path, config: ["train", "valid"])
    monkeypatch.setattr(datasets, "load_dataset", answer)
    load("hf:org/name/large@validation")
    load("hf:name")
    assert asked == [("org/name", "large", "valid"), ("name", None, "train")]


def test_several_configurations(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, config: str | None) -> list[str]:
        raise ValueError("Config name is missing. Please pick one among the available configs: ['a', 'b']")

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(library(), "get_dataset_split_names", refuse)
    with pytest.raises(FoveateError) as caught:
        load("hf:org/name")
    assert caught.value.remedy == "name the configuration: hf:ORG/NAME/CONFIG"
