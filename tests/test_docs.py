"""The code of README and docs/ runs: every ``console`` line that starts with ``$`` and every ``python`` block."""

from __future__ import annotations

import linecache
import os
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path

import pytest

from foveate import cli

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps(page: Path) -> list[tuple[str, str]]:
    """Commands and Python blocks in the order of the page. ``make`` lines are CI's own business."""
    found = []
    for kind, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "python":
            found.append((kind, body))
        else:
            joined = body.replace("\\\n", " ")
            lines = [line[2:] for line in joined.splitlines() if line.startswith("$ ")]
            found += [(kind, line) for line in lines if not line.startswith(("make", "git", "cd "))]
    return found


def run_console(line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "foveate" and not set("|>&;*{$") & set(line):
        assert cli.main(words[1:]) == 0, line
        return
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", line], capture_output=True, text=True, env=os.environ | {"PATH": path}, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stderr[-2000:]}"


@pytest.mark.slow
@pytest.mark.parametrize("page", [p for p in PAGES if steps(p)], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # Dataclasses look their module up, and help is read from a class's source: a page's code runs as a module in a file.
    module, file = types.ModuleType("docs_page"), tmp_path / "docs_page.py"
    module.__file__ = str(file)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for kind, code in steps(page):
        if kind == "python":
            above = file.read_text() if file.exists() else ""
            file.write_text(above + code)
            linecache.checkcache(str(file))
            lines = "\n" * above.count("\n")
            exec(compile(lines + code, str(file), "exec", dont_inherit=True), module.__dict__)
        else:
            run_console(code)


def test_every_verb_has_a_page() -> None:
    missing = [verb for verb in cli.VERBS if not (ROOT / "docs" / f"{verb}.md").exists()]
    assert not missing, f"docs/ lacks a page for {missing}"


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                dead.append(f"{page.name}: {target}")
    assert not dead


def test_the_factors_of_render_are_as_its_page_says() -> None:
    from foveate.rendering.factors import FACTORS

    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (.+?) \| .+ \|$", (ROOT / "docs/render.md").read_text("utf-8"), re.M)
    told = {name: (default, values) for name, default, values in rows if name in FACTORS}
    assert list(told) == list(FACTORS)
    for name, factor in FACTORS.items():
        default, values = told[name]
        assert default == (factor.default if isinstance(factor.default, str) else f"{factor.default:g}")
        if isinstance(factor.choices, tuple):
            assert tuple(values.split(", ")) == factor.choices
        elif factor.choices is None:
            numbers = values.removesuffix(", whole").rstrip("°mK ")
            assert numbers == f"{factor.low:g} to {factor.high:g}"
            assert values.endswith("whole") == factor.whole


def test_every_knob_of_every_objective_is_on_its_page() -> None:
    """With its default, under its objective or among what several share."""
    from foveate.pretraining.knobs import documented
    from foveate.pretraining.registry import OBJECTIVES

    page = (ROOT / "docs/objectives.md").read_text("utf-8")
    shared, *sections = re.split(r"^### ", page, flags=re.M)
    told = {section.split("`")[1]: section for section in sections}
    for name in OBJECTIVES.own:
        assert name in told, f"add a section ### `{name}` with its knobs to docs/objectives.md"
        assert re.search(rf"^\|.*`{name}`.*\|$", shared, flags=re.M), (
            f"add `{name}` to the table of families on top of it"
        )
    assert list(told) == list(OBJECTIVES.own), "sections stand in the order of pretraining/registry.py"
    for name in OBJECTIVES.own:
        inherited = told["dino"] if name == "ibot" else ""
        for knob, default, _ in documented(OBJECTIVES.load(name).Config):
            row = f"| `{knob}` | {default} |"
            # What stands under the objective goes before what several share.
            place = next((each for each in (told[name], inherited, shared) if f"| `{knob}` |" in each), "")
            assert row in place, f"add the row {row} … | to the section of {name} in docs/objectives.md"


def test_the_names_on_the_page_of_render_are_those_that_it_has() -> None:
    from foveate.rendering.catalogue import MATERIALS, OBJECTS, WORLDS

    text = (ROOT / "docs/render.md").read_text("utf-8")
    for kind, known in (("Worlds", WORLDS.names()), ("Materials", MATERIALS), ("Classes", OBJECTS.names())):
        (listed,) = re.findall(rf"{kind}: ([a-z_,;\s]+)\.", text)
        assert set(re.findall("[a-z_]+", listed)) <= set(known)


def test_the_long_commands_of_the_cookbook_are_understood() -> None:
    """Those that take minutes are not run here; their flags and settings must be such as there are."""
    from foveate.pretraining import knobs
    from foveate.pretraining.registry import OBJECTIVES
    from foveate.pretraining.settings import resolve

    read = 0
    for page in sorted((ROOT / "docs/cookbook").glob("*.md")):
        for body in re.findall(r"^```text\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            for line in body.replace("\\\n", " ").splitlines():
                if line.startswith("foveate "):
                    _, verb, *words = shlex.split(line)
                    config = cli.parse(verb, words)
                    read += 1
                    if verb == "pretrain" and not config.sweep:
                        kind = OBJECTIVES.load(resolve(config).objective).Config
                        kind(**knobs.read(config.set, kind, objective=config.objective).own)
    assert read >= 20
