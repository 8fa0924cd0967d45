"""The command line: light, exact about mistakes, and the same as Python."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import foveate
from foveate import cli

HEAVY = ("torch", "timm", "numpy", "datasets", "PIL", "pyarrow")


def loaded_by(*arguments: str) -> set[str]:
    """Which heavy packages a command leaves loaded, asked of a fresh interpreter."""
    code = (
        "import sys, contextlib, io\nfrom foveate import cli\n"
        f"with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n    cli.main({list(arguments)!r})\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([verb, "--help"] for verb in cli.VERBS)], ids=" ".join
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(*arguments) == set()


def test_every_verb_is_a_function_with_its_flags() -> None:
    for name in cli.VERBS:
        signature = inspect.signature(getattr(foveate, name))
        assert {"out", "seed", "device", "engine", "json"} <= set(signature.parameters), name
    assert next(iter(inspect.signature(foveate.probe).parameters)) == "encoder"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["prob"], "did you mean probe"),
        (["probe"], "ENCODER"),
        (["probe", "a:b"], "DATA"),
        (["probe", "random:foveate:resnet9", "builtin:digits", "--kk", "3"], "--kk"),
        (["probe", "random:foveate:resnet9", "builtin:digits", "--seed", "x"], "--seed"),
        (["pretrain", "builtin:digits", "--epochs", "many"], "--epochs"),
        (["probe", "a", "b", "--engine", "cloud"], "cloud"),
    ],
)
def test_a_mistake_is_two_lines_and_2(arguments: list[str], words: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert words in err
    lines = err.strip().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("error: ")
    assert lines[1].startswith("remedy: ")


def test_python_mistakes_are_told_too() -> None:
    with pytest.raises(foveate.FoveateError, match="taps"):
        foveate.probe("random:foveate:resnet9", "builtin:digits", tap=("pooled",))
    with pytest.raises(foveate.FoveateError, match="data"):
        foveate.probe("random:foveate:resnet9")


def test_json_is_alone_on_stdout(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert cli.main(["probe", "random:foveate:resnet9", "builtin:digits[0:300]", "--json", "--out", str(out)]) == 0
    printed, _ = capfd.readouterr()
    assert json.loads(printed) == json.loads((out / "report.json").read_text())


def test_python_returns_the_report_of_the_command(tmp_path: Path) -> None:
    report = foveate.probe("random:foveate:resnet9", "builtin:digits[0:300]", taps="pooled", out=tmp_path / "python")
    assert report.metrics["knn.accuracy"].n > 0
    assert (tmp_path / "python" / "report.html").exists()


def test_a_list_that_is_given_twice_is_one_list() -> None:
    """argparse keeps the last one alone."""
    words = "DATA --set a=1 --epochs 8 --set b=2 c=3 --encoder_set x=1 --encoder-set=y=2 --out o"
    config = cli.parse("pretrain", words.split())
    assert (config.set, config.encoder_set) == (("a=1", "b=2", "c=3"), ("x=1", "y=2"))
    assert (config.data, config.epochs, config.out) == ("DATA", 8, "o")
