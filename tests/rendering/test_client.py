"""Workers that die, hang, refuse or are no workers, played by small scripts in Blender's place."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from foveate.core.errors import FoveateError
from foveate.rendering.client import Studio, Worker, WorkerFailed, WorkerLost

HELLO = 'print(json.dumps({"hello": 1, "blender": "9"}), flush=True)\n'


def actor(folder: Path, body: str) -> Path:
    """An executable that is started as Blender's Python is, and runs ``body`` instead of the worker."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{body}")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


def answering(folder: Path, reply: str) -> Path:
    return actor(folder, HELLO + f"for line in sys.stdin:\n    request = json.loads(line)\n    {reply}\n")


def test_it_answers_in_order(tmp_path: Path) -> None:
    worker = Worker(
        answering(
            tmp_path, 'print(json.dumps({"id": request["id"], "ok": True, "twice": 2 * request["n"]}), flush=True)'
        )
    )
    assert [worker.ask({"do": "x", "n": n}, 5)["twice"] for n in range(5)] == [0, 2, 4, 6, 8]
    worker.close()


def test_a_refusal_is_told_and_the_worker_goes_on(tmp_path: Path) -> None:
    worker = Worker(
        answering(
            tmp_path, 'print(json.dumps({"id": request["id"], "ok": False, "error": "no such mesh"}), flush=True)'
        )
    )
    for _ in range(2):
        with pytest.raises(WorkerFailed, match="no such mesh"):
            worker.ask({"do": "x"}, 5)
    worker.close()


def test_a_hanging_worker_is_killed(tmp_path: Path) -> None:
    worker = Worker(answering(tmp_path, "time.sleep(60)"))
    started = time.monotonic()
    with pytest.raises(WorkerLost, match="did not answer within"):
        worker.ask({"do": "x"}, 0.3)
    assert time.monotonic() - started < 5
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


def test_a_worker_that_dies_says_its_last_words(tmp_path: Path) -> None:
    worker = Worker(answering(tmp_path, 'sys.stderr.write("Out of memory\\n"); sys.exit(3)'))
    with pytest.raises(WorkerLost, match="Out of memory"):
        worker.ask({"do": "x"}, 5)


def test_a_lost_worker_is_replaced_and_its_job_redone_once(tmp_path: Path) -> None:
    mark = tmp_path / "died"
    reply = (
        f'(open({str(mark)!r}, "w").close(), os._exit(1)) if not os.path.exists({str(mark)!r}) else '
        'print(json.dumps({"id": request["id"], "ok": True}), flush=True)'
    )
    with Studio(str(answering(tmp_path, reply))) as studio:
        assert studio.ask({"do": "x"}, 5)["ok"]
        assert studio.lost == 1


def test_a_job_that_kills_twice_is_given_up_and_the_next_one_is_done(tmp_path: Path) -> None:
    reply = (
        'os._exit(1) if request["do"] == "bad" else print(json.dumps({"id": request["id"], "ok": True}), flush=True)'
    )
    with Studio(str(answering(tmp_path, reply))) as studio:
        with pytest.raises(WorkerLost):
            studio.ask({"do": "bad"}, 5)
        assert studio.ask({"do": "good"}, 5)["ok"]


def test_a_worker_that_cannot_be_started_again_is_lost_not_misread(tmp_path: Path) -> None:
    mark = tmp_path / "died"
    body = f"if os.path.exists({str(mark)!r}): sys.stderr.write('Out of memory\\n'); sys.exit(1)\n{HELLO}"
    body += f"for line in sys.stdin: open({str(mark)!r}, 'w').close(); os._exit(1)\n"
    with Studio(str(actor(tmp_path, body))) as studio, pytest.raises(WorkerLost, match="started again.*Out of memory"):
        studio.ask({"do": "x"}, 5)


@pytest.mark.parametrize("said", ["no message", "[1]"])
def test_a_worker_that_speaks_no_json_is_lost(tmp_path: Path, said: str) -> None:
    with (
        Studio(str(answering(tmp_path, f"print({said!r}, flush=True)"))) as studio,
        pytest.raises(WorkerLost, match="no message"),
    ):
        studio.ask({"do": "x"}, 5)


def test_a_worker_that_is_killed_while_it_starts_is_replaced(tmp_path: Path) -> None:
    mark = tmp_path / "died"
    body = f"if not os.path.exists({str(mark)!r}): open({str(mark)!r}, 'w').close(); os.kill(os.getpid(), 9)\n{HELLO}"
    body += 'for line in sys.stdin: print(json.dumps({"id": json.loads(line)["id"], "ok": True}), flush=True)\n'
    with Studio(str(actor(tmp_path, body))) as studio:
        assert studio.ask({"do": "x"}, 5)["ok"]


def test_a_blender_that_is_killed_at_every_start_is_the_user_s_to_know(tmp_path: Path) -> None:
    killed = str(actor(tmp_path, "os.kill(os.getpid(), 9)\n"))
    with Studio(killed) as studio, pytest.raises(FoveateError, match="killed while it starts"):
        studio.ask({"do": "x"}, 5)


def test_what_cannot_be_written_is_told_as_that(tmp_path: Path) -> None:
    said = '{"id": request["id"], "ok": False, "unwritable": "/out/p.npz", "error": "File too large"}'
    with (
        Studio(str(answering(tmp_path, f"print(json.dumps({said}), flush=True)"))) as studio,
        pytest.raises(FoveateError, match="/out/p.npz cannot be written: File too large"),
    ):
        studio.ask({"do": "x"}, 5)


@pytest.mark.parametrize(
    ("device", "words"), [("cuda", "finds none"), ("gpu1", "means nothing"), ("cuda:1", "all of a kind")]
)
def test_a_device_that_is_not_there(tmp_path: Path, device: str, words: str) -> None:
    hello = 'print(json.dumps({"hello": 1, "blender": "9", "device": "CPU"}), flush=True); time.sleep(9)\n'
    with pytest.raises(FoveateError, match=words):
        Worker(actor(tmp_path, hello), device=device)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('sys.stderr.write("no module named bpy\\n"); sys.exit(1)', "no module named bpy"),
        ('print(json.dumps({"hello": 1, "error": "ImportError: OpenEXR"}), flush=True)', "ImportError: OpenEXR"),
        ('print(json.dumps({"hello": 99}), flush=True); time.sleep(9)', "another version"),
    ],
)
def test_what_is_no_worker_is_told(tmp_path: Path, body: str, words: str) -> None:
    with pytest.raises(FoveateError, match=words):
        Worker(actor(tmp_path, body))


def test_a_python_that_is_not_there() -> None:
    with pytest.raises(FoveateError, match="is not there"):
        Studio("/nowhere/python")


def test_what_a_worker_wrote_goes_with_it(tmp_path: Path) -> None:
    body = (
        'open(os.path.join(os.environ["TMPDIR"], "passes.exr"), "w").close(); '
        'print(json.dumps({"id": 1, "ok": True, "at": os.environ["TMPDIR"]}), flush=True)'
    )
    worker = Worker(answering(tmp_path, body))
    scratch = Path(worker.ask({"do": "x"}, 5)["at"])
    assert (scratch / "passes.exr").exists()
    worker.close()
    assert not scratch.exists()
