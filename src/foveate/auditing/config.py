"""The flags of ``foveate audit``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import tyro

from foveate.core.options import Options


@dataclass(frozen=True, kw_only=True)
class Audit(Options):
    """What an encoder memorised of its training images: the déjà vu test, with a verdict.

    A crop that shows no object is looked up among public images. If the encoder finds images of the right class more
    often for pictures it was trained on than a reference can from the crop alone, it remembers those pictures.
    """

    encoder: tyro.conf.Positional[str]
    """The encoder to audit (the target), e.g. run:runs/mine."""
    members: str
    """Labelled images the target was trained on, and the reference was not."""
    public: str
    """Labelled images neither was trained on, among which crops are looked up."""
    mode: str = "two-model"
    """two-model: the reference is an encoder of the same recipe, trained on other images.
    one-model: the reference is a classifier of crops, fitted on --held-out."""
    reference: str | None = None
    """The other encoder. In one-model mode: whose features the classifier reads (default: the untrained twin's)."""
    held_out: str | None = None
    """Labelled images neither was trained on, disjoint from --public: there the score must be 0."""
    reference_members: str | None = None
    """Images the reference was trained on, and the target was not: the test is also run the other way round."""
    crop: Literal["corner", "boxes", "masks"] = "corner"
    """corner: the lower-left part. boxes, masks: the largest rectangle that touches no object."""
    crop_share: float = 0.3
    """Corner: the share of each side. Boxes and masks: the smallest shorter side, as a share of the image's (paper: about .27)."""
    tap: tuple[str, ...] = ()
    """Where features are read; the first gives the verdict. Default: pooled, then projector where there is one."""
    k: int | None = None
    """Neighbours that vote. Default: 100 as in the paper, or a quarter of an average public class where that is less."""
    metric: Literal["cosine", "l2"] = "cosine"
    """cosine: of features centred on the public mean. l2: as the paper."""
    threshold: float = 0.02
    """The score from which on the audit fails."""
    gallery: int = 20
    """How many of the most confident leaks the report shows."""
    trust_code: bool = False
    """Allow torchhub: encoders to run code of their repository."""
