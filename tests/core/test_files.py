"""Files are whole or absent, and what the system says of a write comes in words."""

from __future__ import annotations

import errno
import json
import math
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.core.errors import FoveateError
from foveate.core.files import atomic, explain, finite, read_json, write_json, write_text


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_appears_whole_with_its_folders(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b.txt", "grün")
    assert (tmp_path / "a" / "b.txt").read_text(encoding="utf-8") == "grün"
    assert names(tmp_path / "a") == ["b.txt"]


def test_permissions_follow_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_text(tmp_path / "x", "")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


def test_a_failing_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"old": 1})

    def stop(error: BaseException) -> None:
        with atomic(path) as temporary:
            temporary.write_text("half")
            raise error

    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error):
            stop(error())
    assert json.loads(path.read_text()) == {"old": 1}
    assert names(tmp_path) == ["x.json"]


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "x.json", {"a": math.nan})
    assert names(tmp_path) == []


def test_a_killed_writer_never_leaves_a_half_file(tmp_path: Path) -> None:
    """The process dies inside the block, after writing: the old content stands."""
    path = tmp_path / "x.txt"
    path.write_text("old")
    code = (
        "import os, sys; from pathlib import Path; from foveate.core.files import atomic\n"
        "with atomic(Path(sys.argv[1])) as t:\n"
        "    t.write_text('new'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("code", "what", "remedy"),
    [
        (errno.ENOSPC, "the disk is full", "free some space"),
        (errno.EDQUOT, "quota is used up", "free some space"),
        (errno.EFBIG, "larger than this shell or file system allows", "ulimit -f"),
        (errno.EIO, "the disk or the network drive failed", "another --out"),
        (errno.EACCES, "no permission to write", "another --out"),
        (errno.EPERM, "no permission to write", "another --out"),
        (errno.EROFS, "read-only file system", "another --out"),
    ],
)
def test_what_the_system_says_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, what: str, remedy: str
) -> None:
    path = tmp_path / "x.txt"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FoveateError) as caught:
        write_text(path, "new")
    assert what in caught.value.what
    assert str(path) in caught.value.what
    assert remedy in caught.value.remedy
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["x.txt"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_libraries_that_hide_the_error_of_a_full_disk(tmp_path: Path) -> None:
    """NumPy says how much was written and no number; Rust writers put the number into the text."""
    with pytest.raises(FoveateError, match="disk is full"), atomic(tmp_path / "a"), open("/dev/full", "wb") as full:
        np.zeros(100_000).tofile(full)
    with pytest.raises(FoveateError, match="disk is full"), atomic(tmp_path / "b"):
        raise RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
    assert names(tmp_path) == []


def test_places_that_cannot_hold_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path, what in (
        (tmp_path / "file" / "x", "is a file, where a folder is needed"),
        (tmp_path / "file" / "deeper" / "x", "a part of its path is a file"),
        (tmp_path / "folder", "is a folder, where a file is to be written"),
        (tmp_path / ("x" * 300), "too long"),
    ):
        with pytest.raises(FoveateError, match=what):
            write_text(path, "")
    assert names(tmp_path) == ["file", "folder"]


def test_an_error_about_another_file_passes_unchanged(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = tmp_path / "elsewhere" / "input.txt"
    with pytest.raises(PermissionError), atomic(tmp_path / "out" / "x"):
        raise PermissionError(errno.EACCES, "Permission denied", str(source))
    with pytest.raises(FileNotFoundError), atomic(tmp_path / "out" / "x"):
        (tmp_path / "nothing").read_text()


def test_explain_is_silent_on_what_is_not_the_users() -> None:
    assert explain(ValueError("an ordinary mistake")) is None
    assert explain(OSError(errno.EBADF, "Bad file descriptor")) is None
    assert explain(FoveateError("os error 28", "x")) is None
    known = explain(OSError(errno.EACCES, "Permission denied", "/a/b"))
    assert known is not None
    assert "/a/b" in known.what


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "is not there"), (b'{"a": 1', "not valid JSON"), (b"", "not valid JSON"), (b"\xff\xfe{", "not valid JSON")],
)
def test_json_that_cannot_be_read(tmp_path: Path, content: bytes | None, what: str) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FoveateError, match=what) as caught:
        read_json(path, what="a report of foveate")
    assert "a report of foveate" in caught.value.what
    if content is not None:
        assert path.read_bytes() == content, "the damaged file is left for the user to look at"


def test_json_where_a_folder_stands(tmp_path: Path) -> None:
    with pytest.raises(FoveateError, match="cannot be read"):
        read_json(tmp_path, what="a report")


@settings(deadline=None)
@given(
    st.recursive(
        st.floats() | st.integers() | st.text() | st.none() | st.booleans(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_finite_makes_any_nest_writable(value: object) -> None:
    again = json.loads(json.dumps(finite(value), allow_nan=False))
    assert again == finite(value)


def test_finite_changes_only_what_is_not() -> None:
    assert finite({"a": (1, math.inf), "b": [math.nan, "x", 0.5]}) == {"a": [1, None], "b": [None, "x", 0.5]}
