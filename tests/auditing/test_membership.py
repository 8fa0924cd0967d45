"""Who was trained on what is read from the run: by id in the run's own data, by picture in any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from foveate.auditing.membership import never_seen, only_seen, trained
from foveate.auditing.sets import Labelled, open_set
from foveate.core.errors import FoveateError
from foveate.core.files import write_json
from foveate.data.load import load

DIGITS = [str(i) for i in range(10)]


def members(address: str = "builtin:digits@train[0:40]") -> Labelled:
    return open_set("members", address, classes=DIGITS)


def run_on(folder: Path, data: str, left: list[str]) -> str:
    folder.mkdir(exist_ok=True)
    write_json(folder / "rows.json", {"data": data, "trained": 0, "left": left})
    return f"run:{folder}@2"


@pytest.mark.parametrize(
    ("data", "seen"),
    [("builtin:digits@train", 38), ("builtin:digits@train[0:30]", 28), ("builtin:digits@train[20:]", 20)],
)
def test_only_what_a_run_was_trained_on_is_a_member(tmp_path: Path, data: str, seen: int) -> None:
    images = members()
    record = trained(run_on(tmp_path / "run", data, images.ids[3:5]))
    kept, others = only_seen(images, record), never_seen(images, record) if seen <= 30 else None
    assert len(kept) == seen
    assert {reason for _, reason in kept.left_out} == {f"run:{tmp_path / 'run'}@2 was not trained on it"}
    if others is not None:
        assert len(others) == 40 - seen
        assert not set(others.ids) & set(kept.ids)


def test_the_same_pictures_under_another_address_are_known(tmp_path: Path) -> None:
    rows = load("builtin:digits@train[0:30]")
    rows.remove_columns("id").to_parquet(tmp_path / "copy.parquet")
    record = trained(run_on(tmp_path / "run", f"parquet:{tmp_path / 'copy.parquet'}", []))
    kept = only_seen(members(), record)
    assert sorted(kept.ids) == sorted(rows["id"])


def test_members_that_a_run_never_saw_are_refused(tmp_path: Path) -> None:
    record = trained(run_on(tmp_path / "run", "builtin:digits@train[0:40]", []))
    with pytest.raises(FoveateError, match="40 of the 40 images of --members .* was not trained on it"):
        only_seen(members("builtin:digits@train[40:80]"), record)
    with pytest.raises(FoveateError, match="was trained on it"):
        never_seen(members(), record)


def test_without_a_record_the_word_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old").mkdir()
    for encoder in ("random:foveate:resnet9", f"run:{tmp_path / 'old'}", None):
        assert trained(encoder) is None
    assert len(only_seen(members(), None)) == len(never_seen(members(), None)) == 40
    moved = trained(run_on(tmp_path / "run", f"folder:{tmp_path / 'gone'}", []))
    assert len(only_seen(members(), moved)) == 40
    assert "your word is taken" in capsys.readouterr().err


def test_a_record_of_another_shape(tmp_path: Path) -> None:
    address = run_on(tmp_path / "run", "builtin:digits", [])
    write_json(tmp_path / "run" / "rows.json", [1, 2])
    with pytest.raises(FoveateError, match="does not say which rows"):
        trained(address)
