"""The repeated blocks of an encoder: what is compiled, or run again in the backward pass, one by one."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from torch import nn

from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder

_BLOCK = re.compile(r"(?:stages\.\d+\.)?blocks\.\d+$")


def block_paths(encoder: Encoder) -> list[str]:
    """The paths in ``encoder.module`` of a transformer's or a residual net's blocks, first to last; a shared one once."""
    paths = [place.module for name, place in encoder.anatomy.places.items() if _BLOCK.match(name)]
    return list({id(encoder.module.get_submodule(path)): path for path in paths}.values())


def compile_blocks(encoder: Encoder, root: nn.Module, *, backend: str = "inductor") -> int:
    """``torch.compile`` each block, of the encoder and of its copies inside ``root`` (a teacher), in place.

    Block by block the start takes seconds where a whole network takes a minute, and names of weights stay as they are.

    Returns:
        How many were compiled.

    Raises:
        FoveateError: an encoder without blocks that are known, or no C++ compiler for a CPU.
    """
    paths = block_paths(encoder)
    if not paths:
        raise FoveateError(f"--compile: the blocks of {encoder.address} are not known.", "leave --compile out")
    device = next(encoder.module.parameters()).device
    if backend == "inductor" and device.type == "cpu" and not any(map(shutil.which, ("g++", "clang++", "c++", "cl"))):
        raise FoveateError("--compile needs a C++ compiler on a CPU.", "leave it out: it gains little there")
    copies = [module for module in root.modules() if type(module) is type(encoder.module)]
    for copy in copies:
        for path in paths:
            copy.get_submodule(path).compile(backend=backend)
    return len(copies) * len(paths)
