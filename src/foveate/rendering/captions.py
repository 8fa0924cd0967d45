"""Captions from what is true of a picture, sentences that are false of it, and the way back from a caption to the facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from foveate.rendering.catalogue import LIGHTS
from foveate.rendering.palette import Palette

OPPOSITE = {
    "to the left of": "to the right of",
    "to the right of": "to the left of",
    "above": "below",
    "below": "above",
    "in front of": "behind",
    "behind": "in front of",
}
"""What captions say of two objects → what is then false."""
SIDES = {"left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom"}
ACROSS = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


@dataclass(frozen=True)
class Thing:
    """An object as a caption tells of it: class, material (``own`` is not told) and side of the picture (or "")."""

    name: str
    material: str = "own"
    side: str = ""


@dataclass(frozen=True)
class Facts:
    """What a caption says. ``relation`` is of the first thing to the second, or ""."""

    things: tuple[Thing, ...] = ()
    relation: str = ""
    world: str = ""
    light: str = ""


def tell(facts: Facts, palette: Palette) -> str:
    """Facts as a sentence: "a photo of a zebra made of wood to the left of a car, in a meadow by day"."""
    words = [_noun(thing, palette) for thing in facts.things]
    if facts.relation:
        body = f"{words[0]} {facts.relation} {words[1]}"
    elif len(words) > 1:
        body = f"{', '.join(words[:-1])} and {words[-1]}"
    else:
        body = "".join(words)
    where = " ".join(
        part
        for part in (facts.world and palette.place_phrase(facts.world), facts.light and LIGHTS[facts.light].phrase)
        if part
    )
    if not body:
        return f"a photo taken {where}".strip()
    return f"a photo of {body}, {where}" if where else f"a photo of {body}"


def _noun(thing: Thing, palette: Palette) -> str:
    made = f" made of {palette.material_phrase(thing.material)}" if thing.material != "own" else ""
    side = f" {SIDES[thing.side]} of the picture" if thing.side else ""
    return palette.phrase(thing.name) + made + side


def parse(caption: str, palette: Palette) -> Facts:
    """The facts that a caption of ``tell`` states.

    Raises:
        ValueError: a sentence that ``tell`` does not make.
    """
    places = {palette.place_phrase(name): name for name in palette.worlds}
    lights = {light.phrase: name for name, light in LIGHTS.items()}
    where = rf"(?P<world>{_any(places)})?\s?(?P<light>{_any(lights)})?"
    found = re.fullmatch(
        rf"a photo (?:taken {where}|of (?P<body>.+?)(?:, {where.replace('world', 'world2').replace('light', 'light2')})?)",
        caption,
    )
    if not found:
        raise ValueError(f"no caption of ours: {caption}")
    world, light = found["world"] or found["world2"] or "", found["light"] or found["light2"] or ""
    things, relation = _things(found["body"] or "", palette)
    return Facts(things, relation, places.get(world, ""), lights.get(light, ""))


def _things(body: str, palette: Palette) -> tuple[tuple[Thing, ...], str]:
    if not body:
        return (), ""
    names = {palette.phrase(name): name for name in palette.objects}
    made = {palette.material_phrase(name): name for name in palette.materials if name != "own"}
    sides = {words: side for side, words in SIDES.items()}
    noun = re.compile(
        rf"(?P<name>{_any(names)})(?: made of (?P<made>{_any(made)}))?(?: (?P<side>{_any(sides)}) of the picture)?"
    )
    things, relation, at = [], "", 0
    while at < len(body):
        found = noun.match(body, at)
        if not found:
            raise ValueError(f"no object at '{body[at:]}'")
        things.append(
            Thing(names[found["name"]], made.get(found["made"] or "", "own"), sides.get(found["side"] or "", ""))
        )
        at = found.end()
        link = re.compile(rf" (?P<relation>{_any(OPPOSITE)}) |, | and ").match(body, at)
        if link:
            relation, at = link["relation"] or relation, link.end()
        elif at < len(body):
            raise ValueError(f"nothing known at '{body[at:]}'")
    return tuple(things), relation


def _any(words: Sequence[str] | dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def negatives(
    facts: Facts, natural: Sequence[frozenset[str]], palette: Palette, draw: np.random.Generator
) -> list[tuple[str, str]]:
    """(kind, sentence) pairs that are false where the facts hold: position, attribute and object changed, one each where it can be.

    Args:
        natural: for each thing, the materials that it may be said to be made of by itself.
    """
    made: list[tuple[str, Facts]] = []
    things = facts.things
    alike = len({(thing.name, thing.material) for thing in things}) < len(things)
    if facts.relation and not alike:
        made.append(("position", replace(facts, relation=OPPOSITE[facts.relation])))
    elif len(things) == 1 and things[0].side:
        made.append(("position", replace(facts, things=(replace(things[0], side=ACROSS[things[0].side]),))))
    if things:
        made += [
            ("attribute", replace(facts, things=wrong)) for wrong in _other_materials(facts, natural, palette, draw)
        ]
        shown = frozenset(thing.name for thing in things)
        absent = [name for name in palette.objects if not ({name, *palette.kin(name)} & shown)]
        if absent:
            wrong = (replace(things[0], name=str(draw.choice(absent))), *things[1:])
            made.append(("object", replace(facts, things=wrong)))
    return [(kind, tell(wrong, palette)) for kind, wrong in made]


def _other_materials(
    facts: Facts, natural: Sequence[frozenset[str]], palette: Palette, draw: np.random.Generator
) -> list[tuple[Thing, ...]]:
    """The things with materials swapped, or with another one for the first; none where either could still be true."""
    things = facts.things

    def false(thing: Thing, of: Thing, own: frozenset[str]) -> bool:
        """Whether it is told of a material that the thing certainly is not of."""
        return thing.material not in ("own", of.material) and not (of.material == "own" and thing.material in own)

    if len(things) == 2 and (facts.relation or things[0].name != things[1].name):
        swapped = tuple(replace(a, material=b.material) for a, b in zip(things, things[::-1], strict=True))
        if any(false(*told) for told in zip(swapped, things, natural, strict=True)):
            return [swapped]
    others = [
        name
        for name in palette.materials
        if false(replace(things[0], material=name), things[0], natural[0])
        and all(name != thing.material for thing in things)
    ]
    # Of several of a kind another may be of that material: nothing is said then.
    if not others or [thing.name for thing in things].count(things[0].name) > 1:
        return []
    return [(replace(things[0], material=str(draw.choice(others))), *things[1:])]


def stages(facts: Facts, palette: Palette) -> list[tuple[str, str, str]]:
    """(stage, caption, hard negative or "") of PUG: SPAR's stages that the facts allow.

    The negative of two things at two sides swaps the sides, that of two materials the materials.
    """
    found = []
    things = facts.things
    bare = tuple(Thing(thing.name) for thing in things)
    if facts.world:
        found.append(("background", tell(Facts(world=facts.world), palette), ""))
    if len(things) == 1:
        found.append(("one", tell(Facts(bare), palette), ""))
        if side := things[0].side:
            wrong = replace(bare[0], side=ACROSS[side])
            found.append(
                ("one_position", tell(Facts((replace(bare[0], side=side),)), palette), tell(Facts((wrong,)), palette))
            )
    if len(things) == 2:
        found.append(("two", tell(Facts(bare), palette), ""))
        sides = tuple(thing.side for thing in things)
        different = bare[0].name != bare[1].name
        if all(sides) and ACROSS[sides[0]] == sides[1] and different:
            right, wrong2 = (
                tuple(replace(thing, side=side) for thing, side in zip(bare, order, strict=True))
                for order in (sides, sides[::-1])
            )
            found.append(("two_positions", tell(Facts(right), palette), tell(Facts(wrong2), palette)))
        materials = tuple(thing.material for thing in things)
        if "own" not in materials and materials[0] != materials[1] and different:
            right, wrong2 = (
                tuple(replace(thing, material=m) for thing, m in zip(bare, order, strict=True))
                for order in (materials, materials[::-1])
            )
            found.append(("two_attributes", tell(Facts(right), palette), tell(Facts(wrong2), palette)))
    return found
