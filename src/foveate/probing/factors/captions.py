"""Captions from factors: the stages of PUG:SPAR as data, for an encoder that reads text.

Each stage asks for more: the world, the object, where it is, what it is made of. ``measures.retrieval`` scores the answers.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

OPPOSITES = {"left": "right", "right": "left", "top": "bottom", "bottom": "top", "front": "back", "back": "front"}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of the exam.

    Attributes:
        name: short. template: with a field in braces for each factor that it names.
        swapped: the factor that a hard negative gets wrong: its opposite, else the next of its values.
    """

    name: str
    template: str
    swapped: str

    @property
    def needs(self) -> tuple[str, ...]:
        """The factors that the template names."""
        return tuple(field for _, field, _, _ in string.Formatter().parse(self.template) if field)


# The templates are PUG:SPAR's (Bordes et al. 2023); stages of two objects need two of each factor.
STAGES = (
    Stage(name="world", template="This is a photo in a {world} environment", swapped="world"),
    Stage(name="object", template="This is a photo of a {object}", swapped="object"),
    Stage(name="object-world", template="This is a photo of a {object} in a {world} environment", swapped="world"),
    Stage(
        name="position", template="This is a photo of a {object} on the {position} of the picture", swapped="position"
    ),
    Stage(name="material", template="This is a photo of a {object} textured with {material}", swapped="material"),
)


@dataclass(frozen=True, kw_only=True)
class Exam:
    """The captions of one stage.

    Attributes:
        rows: rows of the table that have every factor. captions: each once. own: the caption of each of those rows.
        negatives: hard negatives, one a row; they may stand among the captions too.
    """

    stage: Stage
    rows: Int[np.ndarray, " n"]
    captions: tuple[str, ...]
    own: Int[np.ndarray, " n"]
    negatives: tuple[str, ...]


def exam(stage: Stage, factors: Mapping[str, Sequence[str | None]]) -> Exam | None:
    """The captions that a stage asks for.

    Args:
        factors: name → each row's value in words, None where it has none.

    Returns:
        None where the table lacks a factor, or the one to be swapped has fewer than two values.
    """
    if any(name not in factors for name in stage.needs):
        return None
    told = [
        dict(zip(stage.needs, values, strict=True)) for values in zip(*(factors[n] for n in stage.needs), strict=True)
    ]
    rows = [row for row, values in enumerate(told) if all(values.values())]
    values = sorted({str(told[row][stage.swapped]) for row in rows})
    if len(values) < 2:
        return None
    following = dict(zip(values, [*values[1:], values[0]], strict=True))
    said = [stage.template.format(**told[row]) for row in rows]
    captions = tuple(sorted(set(said)))
    place = {caption: index for index, caption in enumerate(captions)}
    return Exam(
        stage=stage,
        rows=np.array(rows, dtype=np.int64),
        captions=captions,
        own=np.array([place[caption] for caption in said], dtype=np.int64),
        negatives=tuple(
            stage.template.format(**told[row] | {stage.swapped: _other(str(told[row][stage.swapped]), following)})
            for row in rows
        ),
    )


def _other(value: str, following: Mapping[str, str]) -> str:
    """The opposite where there is one, else the next value."""
    opposite = OPPOSITES.get(value, value)
    return opposite if opposite != value and opposite in following else following[value]
