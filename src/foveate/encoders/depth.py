"""How deep each weight of an encoder stands: what layer-wise rates of fine-tuning go by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from foveate.encoders.encoder import evaluating

if TYPE_CHECKING:
    from foveate.encoders.anatomy import Place
    from foveate.encoders.encoder import Encoder

_LEVEL = re.compile(r"(?:blocks|stages)\.\d+$")


def top(encoder: Encoder) -> int:
    """The depth of what comes after the last block or stage: their number + 1. A head on top of the encoder has it too."""
    return len(_levels(encoder)) + 1


def depths(encoder: Encoder) -> Mapping[str, int]:
    """Name of a parameter of ``encoder.module`` → its depth, 0 … ``top(encoder)``.

    0: patches, positions, tokens, a stem; i + 1: block i of a transformer, stage i of a convolutional net; ``top``: final
    norms and classifiers, also weights that ``pooled`` does not reach. A weight stands where it first takes part in the
    forward pass, whatever it is called: the graph of one pass is followed back from each tap in turn. A weight that
    several blocks share has the first one's depth; where a network has no taps inside, all weights have the top's.
    """
    places = encoder.anatomy.places
    marks = {level + 1: places[name] for level, name in enumerate(_levels(encoder))}
    if "stem" in places:
        marks[0] = places["stem"]
    roots = _trace(encoder, marks)
    found = dict.fromkeys((name for name, _ in encoder.module.named_parameters()), top(encoder))
    names = {id(parameter): name for name, parameter in encoder.module.named_parameters()}
    visited: set[Any] = set()
    for level in sorted(roots):
        for weight in _leaves(roots[level], visited):
            if id(weight) in names:
                found[names[id(weight)]] = level
    return found


def rate_factors(encoder: Encoder, decay: float) -> Mapping[str, float]:
    """Name of a parameter → decay^(top − depth), the factor of its learning rate (Clark et al. 2020; Bao et al. 2022).

    Args:
        decay: 1 trains all depths alike; .65 … .85 are usual.
    """
    highest = top(encoder)
    return {name: decay ** (highest - depth) for name, depth in depths(encoder).items()}


def _levels(encoder: Encoder) -> list[str]:
    """The taps that are whole blocks or stages, first to last."""
    return [name for name in encoder.anatomy.places if _LEVEL.match(name)]


def _trace(encoder: Encoder, marks: Mapping[int, Place]) -> dict[int, Any]:
    """The autograd node behind each mark, from one pass over an empty image."""
    roots: dict[int, Any] = {}

    def hook(level: int, place: Place) -> Any:
        def note(*arguments: Any) -> None:
            value = arguments[1][0] if place.before else arguments[2]
            value = value[0] if isinstance(value, tuple | list) else value
            # Now, not later: an activation in place would put its own node there.
            roots.setdefault(level, value.grad_fn)

        return note

    module = encoder.module
    weights = list(module.parameters())
    wanted = [weight.requires_grad for weight in weights]
    handles = []
    try:
        module.requires_grad_(True)
        for level, place in marks.items():
            inner = module.get_submodule(place.module)
            register = inner.register_forward_pre_hook if place.before else inner.register_forward_hook
            handles.append(register(hook(level, place)))
        first = weights[0]
        image = torch.zeros(1, 3, *encoder.preprocess.size, dtype=first.dtype, device=first.device)
        with evaluating(module), torch.enable_grad():
            encoder.pooled(image)
    finally:
        for handle in handles:
            handle.remove()
        for weight, want in zip(weights, wanted, strict=True):
            weight.requires_grad_(want)
    return {level: node for level, node in roots.items() if node is not None}


def _leaves(root: Any, visited: set[Any]) -> list[Tensor]:
    """The leaf tensors behind a node that no earlier walk came to."""
    stack, leaves = [root], []
    while stack:
        node = stack.pop()
        if node is None or node in visited:
            continue
        visited.add(node)
        if hasattr(node, "variable"):
            leaves.append(node.variable)
        stack.extend(parent for parent, _ in node.next_functions)
    return leaves
