"""Designs: the grammar (``design``), the named ones (``presets``), and those in a user's file (``file``)."""

from foveate.rendering.designs.design import NUISANCE, Block, Design, Planned, Range, checked, plan, size
from foveate.rendering.designs.file import read

__all__ = ["NUISANCE", "Block", "Design", "Planned", "Range", "checked", "plan", "read", "size"]
