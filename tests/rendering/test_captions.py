"""Captions say what is true, parse back into it, and the false ones are false."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from foveate.rendering.captions import ACROSS, OPPOSITE, Facts, Thing, negatives, parse, stages, tell
from foveate.rendering.palette import Palette

PALETTE = Palette()
NOTHING: frozenset[str] = frozenset()


def some_facts(draw: np.random.Generator) -> Facts:
    """Any facts that a picture may have."""
    count = int(draw.integers(0, 4))
    names, materials = draw.choice(PALETTE.objects, count), draw.choice(PALETTE.materials, count)
    sides = ["", *ACROSS] if count == 1 else [""]
    things = tuple(Thing(str(n), str(m), str(draw.choice(sides))) for n, m in zip(names, materials, strict=True))
    relation = str(draw.choice(["", *OPPOSITE])) if count == 2 else ""
    return Facts(things, relation, str(draw.choice(PALETTE.worlds)), str(draw.choice(["day", "night", "evening"])))


def test_every_caption_parses_back_into_its_facts() -> None:
    draw = np.random.default_rng(0)
    for _ in range(400):
        facts = some_facts(draw)
        assert parse(tell(facts, PALETTE), PALETTE) == facts


def test_a_foreign_sentence_is_refused() -> None:
    for text in ("a zebra", "a photo of a unicorn", "a photo of a zebra beside a car, in a meadow by day", ""):
        with pytest.raises(ValueError, match="."):
            parse(text, PALETTE)


def true_of(claim: Facts, facts: Facts, natural: dict[str, frozenset[str]]) -> bool:
    """Whether a sentence holds of a picture, by trying every way to match what it tells of to what is there."""

    def fits(told: Thing, there: Thing) -> bool:
        made = told.material in ("own", there.material) or (
            there.material == "own" and told.material in natural.get(there.name, NOTHING)
        )
        return told.name == there.name and made and told.side in ("", there.side)

    if (
        len(claim.things) > len(facts.things)
        or claim.world not in ("", facts.world)
        or claim.light not in ("", facts.light)
    ):
        return False
    n = len(facts.things)
    for chosen in product(range(n), repeat=len(claim.things)):
        if len(set(chosen)) < len(chosen) or not all(
            fits(t, facts.things[k]) for t, k in zip(claim.things, chosen, strict=True)
        ):
            continue
        if not claim.relation:
            return True
        ahead = facts.relation if chosen == (0, 1) else OPPOSITE.get(facts.relation, "")
        if claim.relation == ahead:
            return True
    return False


def test_no_negative_is_true_and_every_stage_is() -> None:
    draw = np.random.default_rng(1)
    kinds: dict[str, int] = {}
    for _ in range(600):
        facts = some_facts(draw)
        natural = {t.name: frozenset(map(str, draw.choice(PALETTE.materials[1:], 3))) for t in facts.things}
        for kind, text in negatives(facts, [natural[t.name] for t in facts.things], PALETTE, draw):
            assert not true_of(parse(text, PALETTE), facts, natural), (text, facts)
            kinds[kind] = kinds.get(kind, 0) + 1
        for _stage, text, wrong in stages(facts, PALETTE):
            assert true_of(parse(text, PALETTE), facts, natural)
            assert not wrong or not true_of(parse(wrong, PALETTE), facts, natural)
    assert set(kinds) == {"position", "attribute", "object"}
    assert min(kinds.values()) > 50


def test_the_stages_of_spar() -> None:
    two = Facts((Thing("zebra", "grass", "left"), Thing("car", "stone", "right")), "to the left of", "meadow", "day")
    found = {stage: (text, wrong) for stage, text, wrong in stages(two, PALETTE)}
    assert list(found) == ["background", "two", "two_positions", "two_attributes"]
    assert found["background"][0] == "a photo taken in a meadow"
    assert found["two_positions"] == (
        "a photo of a zebra on the left of the picture and a car on the right of the picture",
        "a photo of a zebra on the right of the picture and a car on the left of the picture",
    )
    assert found["two_attributes"][1] == "a photo of a zebra made of stone and a car made of grass"
    one = {
        stage: wrong for stage, _, wrong in stages(Facts((Thing("zebra", side="top"),), "", "meadow", "day"), PALETTE)
    }
    assert one == {"background": "", "one": "", "one_position": "a photo of a zebra at the bottom of the picture"}
