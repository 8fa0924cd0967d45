"""Cells in processes of their own: the same values, and nothing left behind however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from foveate.core.cores import usable_cores
from foveate.core.errors import FoveateError
from foveate.studies.pool import computed

KEYS = [("base", 3), ("base", 4), ("better", 3)]


def cell(condition: str, seed: int, options: Mapping[str, Any]) -> dict[str, float]:
    """What it was called with, and where; or what the options say instead."""
    import torch

    if condition == options.get("refused"):
        raise FoveateError(f"{condition} is refused.", "leave it out")
    if condition == options.get("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if "pids" in options:
        Path(options["pids"], str(os.getpid())).touch()
        time.sleep(60)
    return {"seed": seed, "better": condition == "better", "pid": os.getpid(), "threads": torch.get_num_threads()}


def test_at_once_gives_what_in_turn_gives() -> None:
    in_turn, at_once = ({key: values for key, values, _ in computed(cell, KEYS, {}, n)} for n in (1, 2))
    assert list(in_turn) == KEYS
    assert {values["pid"] for values in in_turn.values()} == {os.getpid()}
    assert os.getpid() not in {values["pid"] for values in at_once.values()}
    assert {values["threads"] for values in at_once.values()} == {max(1, usable_cores() // 2)}
    for key in KEYS:
        assert [at_once[key][name] for name in ("seed", "better")] == [
            in_turn[key][name] for name in ("seed", "better")
        ]


def test_what_a_cell_refuses_is_told() -> None:
    with pytest.raises(FoveateError, match="better is refused"):
        list(computed(cell, KEYS, {"refused": "better"}, 2))


def test_a_process_that_is_killed_is_told() -> None:
    with pytest.raises(FoveateError, match="was killed") as error:
        list(computed(cell, KEYS, {"killed": "better"}, 2))
    assert "--resume" in error.value.remedy


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_its_parent(tmp_path: Path, number: int) -> None:
    code = (
        "from tests.studies.test_pool import KEYS, cell\nfrom foveate.studies.pool import computed\n"
        f"if __name__ == '__main__':\n    list(computed(cell, KEYS, {{'pids': {str(tmp_path)!r}}}, 2))\n"
    )
    script = tmp_path.parent / f"{tmp_path.name}.py"
    script.write_text(code)
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(
        [sys.executable, str(script)], env=os.environ | {"PYTHONPATH": str(root)}, stderr=subprocess.DEVNULL
    )
    _until(lambda: len(list(tmp_path.iterdir())) == 2)
    parent.send_signal(number)
    assert parent.wait(timeout=30) != 0
    _until(lambda: not any(_alive(int(path.name)) for path in tmp_path.iterdir()))


def _until(holds: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc").exists() else True
