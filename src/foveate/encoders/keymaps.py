"""How published checkpoints spell a network: which part of them is meant for use, and its keys in timm's spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from torch import Tensor

State = dict[str, Tensor]


class Candidate(NamedTuple):
    """One network that was found in a file.

    Attributes:
        part: where it stood, e.g. ``teacher`` or ``module.base_encoder``.
        spelling: whose names its keys had.
        state: its tensors under timm's names; what belongs to heads of the method is still among them.
    """

    part: str
    spelling: str
    state: State


# Of several networks in a file, the first that matches is the one its authors evaluate: DINO's teacher, BYOL's online
# network, I-JEPA's target encoder, MoCo's base (query) encoder. What matches nothing stands where None is.
_MEANT_FOR_USE = (
    re.compile(r"(^|[._])ema($|[._])"),
    re.compile(r"teacher"),
    re.compile(r"online"),
    re.compile(r"target_encoder"),
    re.compile(r"base_encoder|encoder_q"),
    None,
    re.compile(r"student"),
    re.compile(r"momentum|target|encoder_k"),
)
_OPTIMISERS = {"optimizer", "optimizer_states", "scaler", "lr_schedulers", "loops", "callbacks"}
_TORCHVISION_VIT = (
    (re.compile(r"^conv_proj\."), "patch_embed.proj."),
    (re.compile(r"^class_token$"), "cls_token"),
    (re.compile(r"^encoder\.pos_embedding$"), "pos_embed"),
    (re.compile(r"^encoder\.ln\."), "norm."),
    (re.compile(r"^heads\.head\."), "head."),
    (re.compile(r"^encoder\.layers\.encoder_layer_(\d+)\.ln_([12])\."), r"blocks.\1.norm\2."),
    (re.compile(r"^encoder\.layers\.encoder_layer_(\d+)\.self_attention\.in_proj_"), r"blocks.\1.attn.qkv."),
    (re.compile(r"^encoder\.layers\.encoder_layer_(\d+)\.self_attention\.out_proj\."), r"blocks.\1.attn.proj."),
    (re.compile(r"^encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:0|linear_1)\."), r"blocks.\1.mlp.fc1."),
    (re.compile(r"^encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:3|linear_2)\."), r"blocks.\1.mlp.fc2."),
)
# A network begins where its first layer does: the keys of first layers, in every spelling that is known.
_FIRST_LAYERS = {
    "patch_embed.proj.weight",  # ViT, Swin
    "conv_proj.weight",  # ViT of torchvision
    "conv1.weight",  # ResNet
    "conv1.0.weight",  # ResNet with a deep stem
    "conv_stem.weight",  # EfficientNet, MobileNet
    "stem.0.weight",  # ConvNeXt
    "stem.conv.weight",  # RegNet
    "4.0.conv1.weight",  # a ResNet cut into a Sequential
}
# lightly cuts a torchvision ResNet into nn.Sequential(*children[:-1]), which numbers its parts.
_SEQUENTIAL_RESNET = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}


def candidates(content: Any) -> list[Candidate]:
    """Every network that may stand in a loaded checkpoint, the one most meant for use first."""
    found = []
    for path, tensors in _tables(content, ""):
        for prefix, state in _parts(tensors):
            part = ".".join(word for word in (path, prefix) if word)
            found += [Candidate(part, spelling, renamed) for spelling, renamed in _spellings(state)]
    return sorted(found, key=lambda candidate: (_rank(candidate.part), len(candidate.part)))


def _tables(content: Any, path: str) -> Iterator[tuple[str, State]]:
    """Dicts of tensors, at most three levels down."""
    if not isinstance(content, Mapping) or path.count(".") > 2:
        return
    tensors = {str(key): value for key, value in content.items() if isinstance(value, Tensor)}
    if tensors:
        yield path, tensors
    for key, value in content.items():
        if isinstance(value, Mapping) and str(key) not in _OPTIMISERS:
            yield from _tables(value, f"{path}.{key}".lstrip("."))


def _parts(tensors: State) -> Iterator[tuple[str, State]]:
    """The tensors below each prefix under which a network may stand, the empty one included."""
    prefixes = {""}
    for key in tensors:
        words = key.split(".")
        # deeper than four names no framework wraps a whole network
        prefixes |= {".".join(words[:depth]) for depth in range(1, min(len(words), 5))}
    whole: list[str] = []
    for prefix in sorted(prefixes, key=len):
        # a block deep in a network may begin like a network
        if any(not outer or prefix.startswith(f"{outer}.") for outer in whole):
            continue
        start = f"{prefix}." if prefix else ""
        state = {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
        if not _FIRST_LAYERS.isdisjoint(state):
            whole.append(prefix)
            yield prefix, state


def _spellings(state: State) -> Iterator[tuple[str, State]]:
    if "conv_proj.weight" in state:
        yield "torchvision", {_rename(key, _TORCHVISION_VIT): value for key, value in state.items()}
    elif "4.0.conv1.weight" in state:
        yield "lightly", dict(_numbered(state))
    else:
        yield "timm", state


def _rename(key: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, replacement in rules:
        if pattern.match(key):
            return pattern.sub(replacement, key)
    return key


def _numbered(state: State) -> Iterator[tuple[str, Tensor]]:
    for key, value in state.items():
        first, dot, rest = key.partition(".")
        yield f"{_SEQUENTIAL_RESNET.get(first, first)}{dot}{rest}", value


def _rank(part: str) -> int:
    """The place of a part in the list of what is meant for use."""
    for index, pattern in enumerate(_MEANT_FOR_USE):
        if pattern is not None and pattern.search(part):
            return index
    return _MEANT_FOR_USE.index(None)
