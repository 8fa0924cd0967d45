"""Designs: the grammar (``design``), what holds (``checking``), what is held out (``heldout``), the pictures one by one
(``layout``), the named ones (``presets``), and those in a user's file (``file``)."""

from foveate.rendering.designs.checking import checked
from foveate.rendering.designs.design import NUISANCE, Block, Design, Planned, Range
from foveate.rendering.designs.file import read
from foveate.rendering.designs.layout import plan, size

__all__ = ["NUISANCE", "Block", "Design", "Planned", "Range", "checked", "plan", "read", "size"]
