"""Who was trained on what is looked up by picture among a run's images, its parents' too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foveate.auditing.membership import look_up, never_seen, only_seen
from foveate.auditing.sets import Labelled, open_set
from foveate.core.errors import FoveateError
from foveate.core.files import write_json
from foveate.data.load import load

DIGITS = [str(i) for i in range(10)]


def members(address: str = "builtin:digits@train[0:40]") -> Labelled:
    return open_set("members", address, classes=DIGITS)


def run_on(run: Path, data: str, left: list[str], **changes: Any) -> str:
    """A run that says it was trained on ``data`` without ``left``."""
    run.mkdir(exist_ok=True)
    count = len(load(data)) - len(left) if not changes.get("folder") else 30
    record = {"data": data, "folder": str(run), "encoder": "foveate:resnet9", "trained": count, "left": left}
    write_json(run / "rows.json", record | changes)
    return f"run:{run}"


@pytest.mark.parametrize(("data", "seen"), [("builtin:digits@train[0:30]", 28), ("builtin:digits@train[0:20]", 18)])
def test_only_what_a_run_was_trained_on_is_a_member(tmp_path: Path, data: str, seen: int) -> None:
    images = members()
    record = look_up(run_on(tmp_path / "run", data, images.ids[3:5]) + "@2")
    kept, others = only_seen(images, record), never_seen(images, record)
    assert (len(kept), len(others)) == (seen, 40 - seen)
    assert not set(others.ids) & set(kept.ids)
    assert {reason for _, reason in kept.left_out} == {f"not among the images that {record.encoder} was trained on"}
    assert f"{seen} that" in record.how


def test_the_same_pictures_under_another_address_are_known(tmp_path: Path) -> None:
    rows = load("builtin:digits@train[0:30]")
    rows.remove_columns("id").to_parquet(tmp_path / "copy.parquet")
    kept = only_seen(members(), look_up(run_on(tmp_path / "run", f"parquet:{tmp_path / 'copy.parquet'}", [])))
    assert sorted(kept.ids) == sorted(rows["id"])


def test_a_path_is_relative_to_where_the_run_was_made(tmp_path: Path) -> None:
    load("builtin:digits@train[0:30]").remove_columns("id").to_parquet(tmp_path / "copy.parquet")
    record = look_up(run_on(tmp_path / "run", "parquet:copy.parquet", [], folder=str(tmp_path)))
    assert len(only_seen(members(), record)) == 30


def test_what_a_parent_saw_was_seen_too_and_epoch_0_has_seen_nothing_else(tmp_path: Path) -> None:
    run_on(tmp_path / "parent", "builtin:digits@train[0:20]", [])
    child = run_on(tmp_path / "child", "builtin:digits@train[20:30]", [], encoder=f"run:{tmp_path / 'parent'}@3")
    assert len(only_seen(members(), look_up(child))) == 30
    assert len(only_seen(members(), look_up(f"{child}@0"))) == 20
    assert len(never_seen(members(), look_up(f"run:{tmp_path / 'parent'}@0"))) == 40


def test_members_that_a_run_never_saw_are_refused(tmp_path: Path) -> None:
    record = look_up(run_on(tmp_path / "run", "builtin:digits@train[0:40]", []))
    with pytest.raises(FoveateError, match="only 0 of 40 images can be used; the others: not among"):
        only_seen(members("builtin:digits@train[40:80]"), record)
    with pytest.raises(FoveateError, match="was trained on it"):
        never_seen(members(), record)


def test_what_cannot_be_looked_up_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old").mkdir()
    gone = run_on(tmp_path / "run", "builtin:digits@train[0:30]", [])
    write_json(
        tmp_path / "run" / "rows.json",
        {"data": "folder:gone", "folder": "/", "encoder": "x", "trained": 1, "left": []},
    )
    for encoder in (f"run:{tmp_path / 'old'}", gone, "timm:resnet18"):
        record = look_up(encoder)
        assert "on your word" in record.how
        assert len(only_seen(members(), record)) == len(never_seen(members(), record)) == 40
    assert capsys.readouterr().err.count("Your word is taken") == 2
    changed = run_on(tmp_path / "changed", "builtin:digits@train[0:30]", [], trained=31)
    assert "30 images of which 31 were trained on" in look_up(changed).how
    assert "untrained" in look_up("random:foveate:resnet9").how


@pytest.mark.parametrize("record", [[1, 2], {"data": ["x"], "folder": "", "encoder": "", "trained": 1, "left": []}])
def test_a_record_of_another_shape_is_not_believed(tmp_path: Path, record: Any) -> None:
    address = run_on(tmp_path / "run", "builtin:digits@train[0:20]", [])
    write_json(tmp_path / "run" / "rows.json", record)
    assert "does not say what was trained on" in look_up(address).how
