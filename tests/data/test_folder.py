from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.data.columns import has_labels, ids, labels
from foveate.data.decode import Reader
from foveate.data.load import load

from .conftest import as_bytes, picture


def put(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_bytes(picture(seed)))


def test_class_folders(class_folder: Path) -> None:
    data = load(f"folder:{class_folder}")
    values, names = labels(data)
    assert names == ["ant", "bee", "cat"]
    assert values.tolist() == [0] * 8 + [1] * 8 + [2] * 8
    assert "cat/deeper/7.png" in ids(data)
    assert ids(data) == sorted(ids(data))


def test_a_flat_folder_has_no_labels(tmp_path: Path) -> None:
    for seed in range(3):
        put(tmp_path / f"{seed}.PNG", seed)
    data = load(f"folder:{tmp_path}")
    assert not has_labels(data)
    assert ids(data) == ["0.PNG", "1.PNG", "2.PNG"]


def test_names_with_spaces_accents_and_other_scripts(tmp_path: Path) -> None:
    names = ["été à la mer/ma photo.JPG", "猫/写真 1.png", "a@b/x[0:2].png"]
    for seed, name in enumerate(names):
        put(tmp_path / name, seed)
    data = load(f"folder:{tmp_path}")
    assert sorted(ids(data)) == sorted(names)
    assert len(list(Reader(data))) == 3


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    try:
        put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")))
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    data = load(f"folder:{tmp_path}")
    assert ids(data) == ["caf\\xe9.png"]
    assert len(list(Reader(data))) == 1


def test_hidden_files_are_passed_over_and_other_files_named(tmp_path: Path, notes: Callable[[], list[str]]) -> None:
    put(tmp_path / "a" / "1.png")
    put(tmp_path / ".trash" / "2.png")
    put(tmp_path / "a" / ".3.png")
    for name in ("a/readme.txt", "a/list.csv", "Thumbs.db", "a/x"):
        (tmp_path / name).write_text("no image")
    assert ids(load(f"folder:{tmp_path}")) == ["a/1.png"]
    assert notes() == [
        f"note: folder:{tmp_path}: 3 files are no images and are left out: a/list.csv, a/readme.txt, a/x"
    ]


def test_images_outside_the_class_folders_are_left_out_with_a_note(
    tmp_path: Path, notes: Callable[[], list[str]]
) -> None:
    put(tmp_path / "a" / "1.png")
    put(tmp_path / "loose.png")
    assert ids(load(f"folder:{tmp_path}")) == ["a/1.png"]
    assert "an image outside the class folders is left out: loose.png" in notes()[0]


def test_links_are_followed_but_not_in_circles(tmp_path: Path, notes: Callable[[], list[str]]) -> None:
    put(tmp_path / "set" / "a" / "1.png")
    put(tmp_path / "elsewhere" / "2.png")
    (tmp_path / "set" / "b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "a" / "up").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "a" / "self").symlink_to("self")
    (tmp_path / "set" / "a" / "one.png").symlink_to("1.png")
    assert ids(load(f"folder:{tmp_path}/set")) == ["a/1.png", "a/one.png", "b/2.png"]
    assert any("links that lead back are not followed" in note and "a/up" in note for note in notes())


def test_splits(tmp_path: Path) -> None:
    for split, count in {"Train": 3, "val": 2, "test": 1}.items():
        for number in range(count):
            put(tmp_path / split / "a" / f"{number}.png", number)
    (tmp_path / "LICENSE").write_text("…")
    assert load(f"folder:{tmp_path}").num_rows == 3
    assert load(f"folder:{tmp_path}@train").num_rows == 3
    assert load(f"folder:{tmp_path}@validation").num_rows == load(f"folder:{tmp_path}@val").num_rows == 2
    assert load(f"folder:{tmp_path}", split="test").num_rows == 1
    assert ids(load(f"folder:{tmp_path}@test")) == ids(load(f"folder:{tmp_path}/test")) == ["a/0.png"]
    with pytest.raises(FoveateError, match="no split 'tests'"):
        load(f"folder:{tmp_path}@tests")


def test_a_class_called_train_is_a_class(tmp_path: Path) -> None:
    for name in ("train", "bus", "tram"):
        put(tmp_path / name / "1.png")
    assert labels(load(f"folder:{tmp_path}"))[1] == ["bus", "train", "tram"]


def test_a_path_that_has_an_at_sign_wins(tmp_path: Path) -> None:
    put(tmp_path / "shots@night" / "1.png")
    assert load(f"folder:{tmp_path}/shots@night").num_rows == 1


def test_a_split_of_a_folder_without_splits(class_folder: Path) -> None:
    with pytest.raises(FoveateError, match="has no splits"):
        load(f"folder:{class_folder}@test")


def test_folders_that_are_none(tmp_path: Path, class_folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    for rest, what, remedy in [
        ("empty", "holds no images.", "give a folder of images"),
        ("texts", "holds no images (1 other files, e.g. a.txt)", "give a folder of images"),
        ("photso", "there is no folder", "did you mean photos?"),
        ("none/at/all", "there is no folder", "check the path"),
        ("photos/ant/0.jpg", "is a file", f"folder:{class_folder}/ant"),
    ]:
        with pytest.raises(FoveateError) as caught:
            load(f"folder:{tmp_path}/{rest}")
        assert what in caught.value.what
        assert remedy in caught.value.remedy


@pytest.mark.parametrize(("name", "scheme"), [("a.parquet", "parquet"), ("a.tar", "wds"), ("a.json", "coco")])
def test_a_file_of_another_scheme_is_sent_there(tmp_path: Path, name: str, scheme: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(FoveateError) as caught:
        load(f"folder:{tmp_path}/{name}")
    assert caught.value.remedy == f"did you mean {scheme}:{tmp_path}/{name}?"


def test_no_permission_is_an_error_not_a_smaller_set(class_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def closed(path: str):  # type: ignore[no-untyped-def]
        if str(path).endswith("bee"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", closed)  # root, who runs many tests, may look anywhere
    with pytest.raises(FoveateError, match=r"no permission to look into .*bee"):
        load(f"folder:{class_folder}")


def test_the_working_folder_may_change_after_loading(class_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(class_folder.parent)
    data = load("folder:photos")
    monkeypatch.chdir("/")
    assert len(list(Reader(data))) == 24


def test_thousands_of_files_are_listed_fast(tmp_path: Path) -> None:
    for code in range(10):
        (tmp_path / f"c{code}").mkdir()
        for number in range(600):
            (tmp_path / f"c{code}" / f"{number}.jpg").touch()
    start = time.process_time()
    assert load(f"folder:{tmp_path}").num_rows == 6000
    assert time.process_time() - start < 2  # 0.1 s here; 60,000 files take a second or two


@pytest.mark.real
def test_clothing10(real_data: Path) -> None:
    data = load(f"folder:{real_data}/clothing10")
    assert len(labels(data)[1]) == 10
    assert load(f"folder:{real_data}/clothing10@validation").num_rows > 0
    reader = Reader(load(f"folder:{real_data}/clothing10@test[0:40]"))
    assert len(list(reader)) == 40
