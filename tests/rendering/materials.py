"""The materials that there are, read off their files, since only Blender's Python can import them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import foveate.rendering.blender

BLENDER = Path(str(foveate.rendering.blender.__file__)).parent


@cache
def surfaces() -> set[str]:
    """Their names: the functions of the families' files."""
    trees = [ast.parse(file.read_text()) for file in (BLENDER / "materials").glob("[!_]*.py") if file.stem != "nodes"]
    return {node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)}
