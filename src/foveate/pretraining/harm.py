"""What the views of a run change at random, and which labels need it: what they change, the encoder learns to ignore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from foveate.data.views import View

WHOLE = 0.5
"""Share of the image that a crop must always keep so as not to be listed; the usual views keep a fifth or less."""


@dataclass(frozen=True)
class Harm:
    """A change: what it is, the labels that it takes something from, and the knobs that switch it off."""

    what: str
    labels: str
    knobs: str

    def worded(self, code: str = "") -> str:
        return f"{self.what} ({code}--set {self.knobs}{code} if the labels are {self.labels})"


def harms(views: Sequence[View]) -> list[Harm]:
    """The changes that are on in any of the views, mirroring first: it makes other letters, digits and sides of images."""
    found = []
    if any(view.flip > 0 for view in views):
        found.append(Harm("mirrored", "letters, digits, signs, or left and right", "view.flip=0"))
    coloured = any(view.jitter_p > 0 and view.jitter[3] > 0 for view in views)
    gray = any(view.grayscale > 0 for view in views)
    if coloured or gray:
        strengths = next((view.jitter for view in views if view.jitter_p > 0 and view.jitter[3] > 0), (0.0,) * 4)
        hueless = (
            f"view.jitter={','.join(f'{each:g}' for each in strengths[:3])},0"  # hue makes another kind, light does not
        )
        knobs = [hueless] * coloured + ["view.grayscale=0"] * gray
        found.append(Harm("recoloured", "kinds that differ in colour", " ".join(knobs)))
    if any(view.solarize > 0 for view in views):
        found.append(Harm("inverted in part", "shades of grey", "view.solarize=0"))
    least = min((view.scale[0] for view in views if view.scale is not None and view.corner is None), default=1.0)
    if least < WHOLE:
        found.append(Harm(f"cropped to as little as {least:.0%}", "told by the whole or by place", "view.scale=0.5,1"))
    if any(view.blur > 0 for view in views):
        found.append(Harm("blurred", "fine detail", "view.blur=0"))
    return found


def listed(views: Sequence[View], *, code: str = "") -> str:
    """The changes in one phrase, empty where there are none: ``mirrored (…), recoloured (…)``. ``code`` stands around flags."""
    return ", ".join(each.worded(code) for each in harms(views))
