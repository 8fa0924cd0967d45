"""The contract of measuring honestly, on a planted study whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.core.errors import FoveateError
from foveate.core.estimate import Estimate
from foveate.core.run import Run
from foveate.core.seeds import numpy_stream
from foveate.studies.study import Claim, Setting, Study

CALLS: list[tuple[str, int]] = []


def cell(condition: str, seed: int, options: Mapping[str, Any]) -> dict[str, float]:
    """Scores with a known mean for each condition and a spread of .01 over seeds."""
    CALLS.append((condition, seed))
    mean = {"base": 0.5, "better": 0.6, "same": 0.5, "noisy": 0.55, "photos": 0.7}[condition]
    spread = 0.2 if condition == "noisy" else 0.01
    return {"score": mean + spread * float(numpy_stream(seed, condition).standard_normal())}


def gain(condition: str) -> Any:
    return lambda rows: [row[f"{condition}.score"] - row["base.score"] for row in rows]


def claim(name: str, condition: str, **more: Any) -> Claim:
    defaults: dict[str, Any] = {
        "id": name, "text": f"{condition} beats base", "source": "planted", "statistic": "difference of scores",
        "effect": 0.05, "measure": gain(condition), "control_name": "base against itself",
        "control": lambda rows: [0.0 for _ in rows], "conditions": ("base", condition),
    }  # fmt: skip
    return Claim(**defaults | more)


STUDY = Study(
    name="planted",
    title="Planted",
    source="planted",
    cell=cell,
    claims=(
        claim("true", "better"),
        claim("false", "same"),
        claim("unclear", "noisy"),
        claim("wrong-way", "better", effect=-0.05),
        claim("null", "same", kind="no effect", effect=0.03),
        claim("null-false", "better", kind="no effect", effect=0.03),
        claim("undertrained", "better", trained=lambda rows: False),
        claim("bad-control", "better", control=lambda rows: [0.3 + 0.001 * i for i, _ in enumerate(rows)]),
        claim("nan", "better", measure=lambda rows: [float("nan") for _ in rows]),
        claim("real", "photos", real="photographs"),
        claim("elsewhere", "absent"),
    ),
    scales={
        "laptop": Setting(
            conditions=("base", "better", "same", "noisy"), real_conditions=("photos",), seeds=6, seconds_per_cell=0.0
        ),
        "smoke": Setting(
            conditions=("base", "better", "same", "noisy"), real_conditions=("photos",), seeds=2, seconds_per_cell=0.0
        ),
    },
)


@pytest.fixture(autouse=True)
def _no_real_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOVEATE_REAL_DATA", raising=False)
    CALLS.clear()


def verdicts(scale: str, out: Path) -> dict[str, str]:
    with Run(out, "study", {"name": "planted"}) as run:
        return {f.id: f.verdict for f in STUDY.judge(scale, STUDY.compute(scale, run, seed=0))}


def test_verdicts_are_the_planted_truth(tmp_path: Path) -> None:
    assert verdicts("laptop", tmp_path / "run") == {
        "true": "reproduced",
        "false": "not reproduced",
        "unclear": "inconclusive",
        "wrong-way": "not reproduced",
        "null": "reproduced",
        "null-false": "not reproduced",
        "undertrained": "inconclusive",
        "bad-control": "inconclusive",
        "nan": "inconclusive",
    }


def test_few_seeds_are_a_pilot(tmp_path: Path) -> None:
    assert set(verdicts("smoke", tmp_path / "run").values()) == {"inconclusive"}


def test_real_claims_run_where_the_data_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(STUDY.skipped("laptop")) == {"real", "elsewhere"}
    assert "FOVEATE_REAL_DATA" in STUDY.skipped("laptop")["real"]
    assert "not part of the scale" in STUDY.skipped("laptop")["elsewhere"]
    monkeypatch.setenv("FOVEATE_REAL_DATA", str(tmp_path))
    assert set(STUDY.skipped("laptop")) == {"elsewhere"}
    assert verdicts("laptop", tmp_path / "run")["real"] == "reproduced"


def test_resuming_computes_only_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with Run(out, "study", {"name": "planted"}) as run:
        whole = STUDY.compute("laptop", run, seed=0)
        run.rewind_log(10)
    CALLS.clear()
    with open(out / "log.jsonl", "a") as log:
        log.write('{"event": "cell", "condi')  # a kill in the middle of a line
    with Run(out, "study", {"name": "planted"}, resume=True) as run:
        assert STUDY.compute("laptop", run, seed=0) == whole
        assert len(run.read_log()) == 24
    assert len(CALLS) == 24 - 10


def test_seeds_of_a_study_follow_the_seed(tmp_path: Path) -> None:
    with Run(tmp_path / "a", "study", {}) as a, Run(tmp_path / "b", "study", {}) as b:
        one, two = STUDY.compute("smoke", a, seed=0), STUDY.compute("smoke", b, seed=1)
    assert one[1] == two[0]
    assert not np.allclose(list(one[0].values()), list(two[0].values()))


def test_a_scale_that_is_not_there() -> None:
    with pytest.raises(FoveateError, match="paper"):
        STUDY.setting("paper")


def test_what_no_seed_changes_is_computed_once_and_judged_over_images(tmp_path: Path) -> None:
    over_images = claim(
        "given", "photos", over="images",
        measure=lambda rows: Estimate(rows[0]["photos.score"], 0.6, 0.8, 372),
        control=lambda rows: Estimate(0.0, -0.01, 0.01, 372),
    )  # fmt: skip
    scale = Setting(conditions=("base", "photos"), once=("photos",), seeds=3, seconds_per_cell=0.0)
    study = replace(STUDY, claims=(over_images,), scales={"laptop": scale})
    with Run(tmp_path / "run", "study", {"name": "planted"}) as run:
        (finding,) = study.judge("laptop", study.compute("laptop", run, seed=4))
    assert CALLS == [("base", 4), ("photos", 4), ("base", 5), ("base", 6)]
    assert (finding.verdict, finding.over, finding.n) == ("reproduced", "images", 372)
