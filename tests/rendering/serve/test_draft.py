"""Designs collected by hand: what ``foveate render FILE`` makes of them is what was collected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foveate import cli
from foveate.core.errors import FoveateError
from foveate.core.seeds import numpy_stream
from foveate.rendering.config import Render
from foveate.rendering.designs import plan, read
from foveate.rendering.factors import DEFAULTS, FACTORS, NOTHING, contradiction, placed
from foveate.rendering.palette import Palette
from foveate.rendering.serve.draft import Drafts

PALETTE = Palette()


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(PALETTE, Render(size=48, samples=3), tmp_path / "out")


def row(**factors: Any) -> dict[str, Any]:
    return {**DEFAULTS, "world": "plain", **factors}


def drawn(number: int) -> dict[str, Any]:
    """Any factors that hold together."""
    draw = numpy_stream(number, "rows")
    while True:
        made: dict[str, Any] = {}
        for name, factor in FACTORS.items():
            if isinstance(factor.choices, str):
                made[name] = str(
                    draw.choice([*getattr(PALETTE, factor.choices), *([NOTHING] * (factor.choices == "objects"))])
                )
            elif factor.choices:
                made[name] = str(draw.choice(factor.choices))
            else:
                value = draw.uniform(factor.low, factor.high)
                made[name] = int(value) if factor.whole else float(value)
        if not contradiction(made):
            return placed(made)


def test_rows_are_rendered_as_they_were_seen(drafts: Drafts) -> None:
    rows = [row(), row(object2="car"), *(drawn(number) for number in range(28))]
    saved = drafts.save(rows, "rows")
    design = read(saved["path"], PALETTE)
    planned = plan(design, 0)
    assert [one.factors for one in planned] == rows
    assert (design.size, design.samples) == (48, 3)
    assert saved["pictures"] == 30
    assert not {"scene", "asset"} & {name for one in planned for name in one.free}, "what was seen is not drawn anew"
    assert planned[1].free == ()


def test_all_combinations_of_their_values(drafts: Drafts) -> None:
    rows = [
        row(light="day", camera_yaw=0.0, size=0.8),
        row(light="night", camera_yaw=30.0, size=0.8),
        row(light="noon", size=0.8),
    ]
    seen = drafts.look(rows, "full")
    assert seen["pictures"] == 6
    drafts.save(rows, "full")
    planned = plan(read(str(drafts.saved[0]), PALETTE), 0)
    assert {(one.factors["light"], one.factors["camera_yaw"]) for one in planned} == {
        (a, b) for a in ("day", "night", "noon") for b in (0.0, 30.0)
    }
    assert {one.factors["size"] for one in planned} == {0.8}


def test_one_factor_at_a_time(drafts: Drafts) -> None:
    rows = [row(), row(light="night", camera_yaw=30.0), row(object2="car")]
    drafts.save(rows, "one-factor")
    planned = plan(read(str(drafts.saved[0]), PALETTE), 0)
    assert [one.varied for one in planned] == ["default", "object2", "camera_yaw", "light"]
    assert sorted(set(map(str, planned[0].factors.items())) - set(map(str, rows[0].items()))) == []


def test_the_command_line_takes_it(drafts: Drafts, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for layout in ("rows", "full", "one-factor"):
        path = drafts.save([row(), row(object2="car", relation="left of"), row(fog=0.25)], layout)["path"]
        assert cli.main(["render", path, "--dry-run"]) == 0
    assert "3 pictures of 48 px at 3 samples" in capsys.readouterr().err


def test_nothing_is_written_over(drafts: Drafts) -> None:
    paths = [Path(drafts.save([row(scene=number)], "rows")["path"]) for number in range(3)]
    assert [path.name for path in paths] == ["design.toml", "design-2.toml", "design-3.toml"]
    assert len({path.read_text() for path in paths}) == 3


def test_the_command_repeats_the_user_s_own_files(tmp_path: Path) -> None:
    config = Render(objects="my things", world=("sky.hdr",))
    saved = Drafts(PALETTE, config, tmp_path).save([row()], "rows")
    assert saved["command"] == f"foveate render {tmp_path}/design.toml --objects 'my things' --world sky.hdr"


def test_looking_writes_nothing(drafts: Drafts, tmp_path: Path) -> None:
    drafts.look([row()], "rows")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_saved_is_told(tmp_path: Path) -> None:
    with pytest.raises(FoveateError, match="the design is empty"):
        Drafts(PALETTE, Render(), tmp_path).save([], "rows")
    (tmp_path / "file").write_text("")
    with pytest.raises(FoveateError, match="file"):
        Drafts(PALETTE, Render(), tmp_path / "file").save([row()], "rows")
