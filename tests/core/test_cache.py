from __future__ import annotations

from pathlib import Path

import pytest

from foveate.core import cache


def test_the_first_folder_that_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOVEATE_CACHE", str(tmp_path / "mine"))
    assert cache.root() == tmp_path / "mine"
    monkeypatch.delenv("FOVEATE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.root() == tmp_path / "xdg" / "foveate"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache.root() == tmp_path / ".foveate"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", classmethod(lambda _cls: (_ for _ in ()).throw(RuntimeError("no home"))))
    assert cache.root() == tmp_path / ".foveate"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("precious")
    cache.root().mkdir(exist_ok=True)
    (cache.root() / "features").symlink_to(tmp_path / "data")
    cache.clear(["all"])
    assert (tmp_path / "data" / "file").exists()


def test_a_clearing_that_was_killed_is_finished_by_the_next() -> None:
    grave = cache.root() / ".cleared-abc" / "features"
    grave.mkdir(parents=True)
    cache.clear(["pixels"])
    assert not grave.parent.exists()


def test_a_part_that_is_not_listed_is_refused() -> None:
    with pytest.raises(AssertionError, match="PARTS"):
        cache.folder_of("thesis")
