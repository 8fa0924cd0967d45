"""``foveate audit`` end to end on built-in sets, and every mistake a user can make with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foveate.auditing.config import Audit
from foveate.auditing.verb import audit, run
from foveate.core.errors import FoveateError
from foveate.reporting.record import Report

TARGET, REFERENCE = "random:foveate:resnet9", "random:foveate:resnet18-narrow"


def config(**changes: Any) -> Audit:
    settings: dict[str, Any] = {
        "encoder": TARGET,
        "reference": REFERENCE,
        "members": "builtin:dejavu@members-a[0:60]",
        "public": "builtin:dejavu@public[0:150]",
        "crop": "boxes",
        "device": "cpu",
    }
    return Audit(**settings | changes)


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Report:
    """One full audit with everything it can be given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOVEATE_CACHE", str(tmp_path_factory.mktemp("cache")))
        out = tmp_path_factory.mktemp("runs") / "audit"
        return run(
            config(
                held_out="builtin:dejavu@held-out[0:60]",
                reference_members="builtin:dejavu@members-b[0:60]",
                out=str(out),
            )
        )


def test_the_report_is_whole_and_reads_back(saved):
    assert saved.folder is not None
    again = Report.read(saved.folder)
    assert again.verdict == saved.verdict
    assert {"dejavu.score", "dejavu.target", "dejavu.reference", "dejavu.held-out", "dejavu.shuffled"} <= set(
        again.metrics
    )
    assert {"dejavu.swapped", "dejavu.adjusted", "dejavu.score@pooled", "dejavu.score/k=5"} <= set(again.metrics)
    assert [finding.id for finding in again.findings] == ["dejavu"]
    titles = [section.title for section in again.sections]
    assert titles[0] == "Verdict"
    assert "How it was measured" in titles
    assert (saved.folder / "report.html").stat().st_size > 10_000


def test_the_score_is_the_difference_of_its_parts(saved):
    metrics = saved.metrics
    difference = metrics["dejavu.target"].value - metrics["dejavu.reference"].value
    assert metrics["dejavu.score"].value == pytest.approx(difference)
    assert metrics["dejavu.score"].n == 60
    assert metrics["dejavu.adjusted"].value == pytest.approx(
        metrics["dejavu.score"].value - metrics["dejavu.held-out"].value
    )


def test_the_two_by_two_table_holds_every_crop_once(saved):
    table = next(b for s in saved.sections for b in s.blocks if getattr(b, "id", "") == "two-by-two")
    assert sum(row[1] for row in table.rows) == 60
    assert table.rows[1][3] == table.rows[2][3] == (table.rows[1][1] + table.rows[2][1]) / 2


def test_the_same_audit_gives_the_same_numbers():
    first, second = audit(config()), audit(config())
    assert first.scores == second.scores


def test_few_images_decide_nothing(saved):
    assert saved.verdict == "INCONCLUSIVE"
    assert "would be found" in json.dumps(saved.to_json())


def test_one_model_mode_holds_the_target_against_a_classifier_of_crops():
    found = audit(config(mode="one-model", reference=None, held_out="builtin:dejavu-correlated@held-out[0:200]"))
    assert "classifier of held-out crops" in found.reference.name
    assert found.reference_answers.neighbours("pooled") is None
    assert found.shuffled is None
    assert found.headline.score.n == 60
    from foveate.auditing import report

    assert report.write(found).metrics["dejavu.reference"].value == found.headline.reference.value


def test_a_crop_classifier_learns_what_backgrounds_tell():
    """.3 of the fields tell the class to anyone: a reference that is worth its name gets these right."""
    found = audit(
        config(
            mode="one-model",
            reference=None,
            members="builtin:dejavu-correlated@members-a[0:200]",
            public="builtin:dejavu-correlated@public[0:300]",
            held_out="builtin:dejavu-correlated@held-out",
        )
    )
    assert found.headline.reference.low > found.chance + 0.05


def test_pictures_that_stand_in_two_roles_are_taken_out_of_the_public_set(tmp_path):
    """Rows 40:60 of the public set are members too: they must not be found as their own neighbours."""
    found = audit(config(members="builtin:dejavu@public[0:60]", public="builtin:dejavu@public[40:200]"))
    assert found.identical == 20
    assert len(found.public) == 140
    assert not set(found.members.images.ids) & set(found.public.ids)


def test_members_of_classes_that_are_not_public_are_named(tmp_path: Path):
    from PIL import Image

    random = np.random.default_rng(0)
    for role, names in (("members", "abc"), ("public", "bad")):  # the same classes in another order, and one each more
        for name in names:
            folder = tmp_path / role / f"class-{name}"
            folder.mkdir(parents=True)
            for i in range(15):
                Image.fromarray(random.integers(0, 255, (24, 24, 3), np.uint8)).save(folder / f"{i}.png")
    found = audit(config(members=f"folder:{tmp_path}/members", public=f"folder:{tmp_path}/public", crop="corner"))
    assert len(found.members) == 30
    left_out = [id for id, reason in found.members.images.left_out if "class" in reason]
    assert len(left_out) == 15
    assert all("class-c" in id for id in left_out)
    assert set(found.members.images.labels) == {found.public.classes.index(f"class-{name}") for name in "ab"}
    named = [id.split("/")[0] for id in found.members.images.ids]
    assert named == [found.public.classes[label] for label in found.members.images.labels]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": None}, "--reference"),
        ({"reference": TARGET}, "very weights"),
        ({"mode": "three-model"}, "two-model"),
        ({"mode": "one-model"}, "--held-out"),
        (
            {"mode": "one-model", "held_out": "builtin:dejavu@held-out[0:60]", "reference_members": "x"},
            "reference-members",
        ),
        ({"threshold": -1.0}, "threshold"),
        ({"threshold": 1.5}, "threshold"),
        ({"crop_share": 0.0}, "crop-share"),
        ({"k": 0}, "--k"),
        ({"k": 5000}, "--k"),
        ({"tap": ("prjector",)}, "tap"),
        ({"tap": ("projector",)}, "projector"),
        ({"tap": ("stages.1:tokens",)}, "tokens"),
        ({"crop": "masks"}, "mask"),
        ({"members": "builtin:digits[0:60]", "public": "builtin:digits[60:200]"}, "objects"),
        ({"members": "builtin:dejavu@public[0:150]"}, "overlap"),
        ({"members": "builtin:shapes[0:60]", "crop": "corner"}, "class"),
        ({"members": "builtin:dejavu@members-a[0:4]"}, "crop"),
        ({"crop_share": 0.9}, "crop"),
        ({"encoder": "random:foveate:resnet99"}, "resnet9"),
        ({"public": "folder:nowhere"}, "nowhere"),
    ],
)
def test_a_mistake_has_a_remedy(changes, words):
    with pytest.raises(FoveateError) as caught:
        audit(config(**changes))
    assert words in str(caught.value)


def test_unlabelled_images_are_refused(tmp_path: Path):
    from PIL import Image

    for i in range(12):
        Image.new("RGB", (20, 20), (i, 0, 0)).save(tmp_path / f"{i}.png")
    with pytest.raises(FoveateError, match="labels"):
        audit(config(members=f"folder:{tmp_path}"))


def test_a_mistake_leaves_no_folder_behind(tmp_path: Path):
    with pytest.raises(FoveateError):
        run(config(reference=None, out=str(tmp_path / "out")))
    assert not (tmp_path / "out").exists()
