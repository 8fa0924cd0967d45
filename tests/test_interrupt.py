"""kill -9 at random moments: a command that is given again ends as if nothing had happened, and nothing half-written is read."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file

# A fork server that has imported everything once: ten kills cost ten forks, not ten imports of torch.
_SPAWN = multiprocessing.get_context("forkserver")
_SPAWN.set_forkserver_preload(
    ["foveate.pretraining.verb", "foveate.features.verb", "foveate.probing.verb", "foveate.reporting.verb"]
)

# Progress adds up over the ten starts: each is killed in its first quarter, or the run is over before the last kill.
EARLY = 4
PRETRAIN = [
    "pretrain",
    "builtin:digits[0:256]",
    "--objective",
    "simclr",
    "--encoder",
    "foveate:resnet9",
    "--epochs",
    "4",
    "--batch",
    "64",
]
EMBED = [
    "embed",
    "random:foveate:resnet9",
    "builtin:digits[0:900]",
    "--taps",
    "pooled",
    "stages.1",
    "--batch-size",
    "16",
]


def command(arguments: list[str], cache: str, errors: str) -> None:
    """One command in a process of its own."""
    os.environ["FOVEATE_CACHE"] = cache
    with open(errors, "a") as stream:
        os.dup2(stream.fileno(), 2)
    from foveate.cli import main

    os._exit(main(arguments))


def start(arguments: list[str], folder: Path) -> multiprocessing.Process:
    process = _SPAWN.Process(target=command, args=(arguments, str(folder / "cache"), str(folder / "stderr.txt")))
    process.start()
    return process  # type: ignore[return-value]


def finish(arguments: list[str], folder: Path) -> float:
    """Run to the end; the seconds it took."""
    folder.mkdir(exist_ok=True)
    started = time.monotonic()
    process = start(arguments, folder)
    process.join(300)
    assert process.exitcode == 0, (folder / "stderr.txt").read_text()[-2000:]
    return time.monotonic() - started


def kill_ten_times(arguments: list[str], folder: Path, seconds: float) -> int:
    """Start it ten times and kill it at a random moment each; how often the kill struck a living process."""
    folder.mkdir(exist_ok=True)
    moments, struck = random.Random(0), 0
    for _ in range(10):
        process = start(arguments, folder)
        process.join(seconds * moments.uniform(0.05, 0.95))
        if process.is_alive():
            struck += 1
            os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        assert process.exitcode in {0, -signal.SIGKILL}, (folder / "stderr.txt").read_text()[-2000:]
    return struck


def whole_json(folder: Path) -> None:
    """Every JSON file that stands anywhere is whole."""
    for file in folder.rglob("*.json"):
        json.loads(file.read_text())


@pytest.mark.slow
def test_pretrain(tmp_path: Path) -> None:
    seconds = finish([*PRETRAIN, "--out", str(tmp_path / "straight" / "run")], tmp_path / "straight")
    killed = [*PRETRAIN, "--resume", "--out", str(tmp_path / "killed" / "run")]
    assert kill_ten_times(killed, tmp_path / "killed", seconds / EARLY) >= 8
    whole_json(tmp_path / "killed" / "run")
    finish(killed, tmp_path / "killed")
    straight, resumed = tmp_path / "straight" / "run", tmp_path / "killed" / "run"
    for epoch in ("epoch-0000", "epoch-0004"):
        one, two = (load_file(run / "checkpoints" / epoch / "model.safetensors") for run in (straight, resumed))
        assert one.keys() == two.keys()
        assert all((one[name] == two[name]).all() for name in one), epoch
    names = [
        sorted(str(p.relative_to(run)) for p in run.rglob("*") if p.is_file() and p.name != "lock")
        for run in (straight, resumed)
    ]
    assert names[0] == names[1]
    clocks = {"time", "seconds", "images_per_second", "seconds_left"}
    logs = [
        [
            {k: v for k, v in json.loads(line).items() if k not in clocks}
            for line in (run / "log.jsonl").read_text().splitlines()
        ]
        for run in (straight, resumed)
    ]
    assert logs[0] == logs[1]


@pytest.mark.slow
def test_embed(tmp_path: Path) -> None:
    seconds = finish(
        [*EMBED, "--export", str(tmp_path / "straight.npz"), "--out", str(tmp_path / "straight" / "run")],
        tmp_path / "straight",
    )
    killed = [*EMBED, "--resume", "--export", str(tmp_path / "killed.npz"), "--out", str(tmp_path / "killed" / "run")]
    assert kill_ten_times(killed, tmp_path / "killed", seconds / EARLY) >= 8
    whole_json(tmp_path / "killed")
    finish(killed, tmp_path / "killed")
    import numpy as np

    one, two = np.load(tmp_path / "straight.npz"), np.load(tmp_path / "killed.npz")
    assert set(one.files) == set(two.files)
    assert all(np.array_equal(one[name], two[name]) for name in one.files)


@pytest.mark.slow
def test_report(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        finish(
            ["probe", "random:foveate:resnet9", "builtin:digits[0:200]", "--seed", seed, "--out", str(tmp_path / seed)],
            tmp_path,
        )
    join = ["report", str(tmp_path / "1"), str(tmp_path / "2"), "--resume", "--out"]
    seconds = finish([*join, str(tmp_path / "straight")], tmp_path)
    assert kill_ten_times([*join, str(tmp_path / "killed")], tmp_path, seconds) >= 3
    whole_json(tmp_path)
    finish([*join, str(tmp_path / "killed")], tmp_path)
    one, two = (json.loads((tmp_path / name / "report.json").read_text()) for name in ("straight", "killed"))
    assert one["metrics"] == two["metrics"]
    assert (tmp_path / "killed" / "report.html").read_text().rstrip().endswith("</html>")
