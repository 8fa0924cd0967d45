"""``random:NAME``: the untrained network of a name of timm, or of ``foveate:NAME``; its weights follow from the seed."""

from __future__ import annotations

from foveate.core.errors import FoveateError
from foveate.encoders.architecture import Architecture, Options
from foveate.encoders.encoder import Encoder


def load(rest: str, options: Options) -> Encoder:
    """Build the network that ``rest`` names, with weights of ``options.seed``."""
    architecture = named(rest, options)
    return Encoder(address=f"random:{rest}", architecture=architecture, body=architecture.build(options.seed))


def named(rest: str, options: Options) -> Architecture:
    """The architecture of ``NAME``, ``timm:NAME`` or ``foveate:NAME``."""
    scheme, colon, name = rest.partition(":")
    if not colon or scheme == "timm":
        from foveate.encoders import timm

        return timm.architecture(name if colon else rest, options)
    if scheme == "foveate":
        from foveate.encoders.small import build

        return build.architecture(name, options)
    raise FoveateError(
        f"'random:{rest}': only networks of timm and foveate can be named untrained.",
        "write random:NAME or random:foveate:NAME",
    )
