"""Where the places of a network are: from its modules to the names of the tap grammar, for every family alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Place:
    """One place to read: a module and how its tensor lies.

    Attributes:
        module: dotted path inside the network.
        before: read what enters the module, not what leaves it.
        channels_last: a tensor of four axes is [b h w c], not [b c h w].
        sequence_first: a tensor of three axes is [n b c], not [b n c].
        channels: their number, where it has to tell the two layouts of four axes apart; 0 is unknown.
        prefix: how many tokens stand before the patches (class, distillation, register tokens).
        cls: whether the first token is a class token.
    """

    module: str
    before: bool = False
    channels_last: bool = False
    channels: int = 0
    sequence_first: bool = False
    prefix: int = 0
    cls: bool = False


@dataclass(frozen=True, kw_only=True)
class Anatomy:
    """What a family of networks says of one of its members.

    Attributes:
        places: name → place, in the order of depth.
        forward: (network, images) → the named outputs, ``pooled`` among them.
        outputs: which names ``forward`` gives: ``pooled``, and ``logits`` or ``projector`` where there are such.
        width: the width of ``pooled``.
        grid: (rows, columns) of patches; None for convolutional networks, whose stages differ.
    """

    forward: Callable[[nn.Module, Tensor], Mapping[str, Tensor]]
    width: int
    places: Mapping[str, Place] = field(default_factory=dict)
    outputs: tuple[str, ...] = ("pooled",)
    grid: tuple[int, int] | None = None


# The same part under the names that timm, open_clip and transformers give it; the first that a block has is read.
# A branch is read after its LayerScale and stochastic depth: exactly what is added to the residual stream.
_PARTS = {
    "norm1": ("norm1", "ln_1", "layernorm_before", "layer_norm1"),
    "attn": ("layer_scale1", "drop_path1", "ls_1", "ls1", "attn", "attention", "self_attn"),
    "norm2": ("norm2", "ln_2", "layernorm_after", "layer_norm2"),
    "mlp": ("layer_scale2", "drop_path2", "ls_2", "ls2", "mlp"),
}
_CONVOLUTIONS = (nn.Conv2d,)
_NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)
# Side branches, whose convolutions are no step of the block's own path.
_ASIDE = {"downsample", "shortcut", "se", "attn", "aa", "skip", "attn_last", "drop_block"}


def transformer_block(block: nn.Module, name: str, place: Place) -> Iterator[tuple[str, Place]]:
    """The taps of one pre-norm transformer block: its parts in order, then the block itself.

    A block that scales its branches by bare parameters, with no module behind them, has no module whose output is
    what is added; such branches are not offered.
    """
    scaled = any(getattr(block, key, None) is not None for key in ("gamma1", "gamma_1", "lambda_1"))
    hooked = hasattr(block, "drop_path1") or hasattr(block, "layer_scale1")
    for part, spellings in _PARTS.items():
        found = next((spelling for spelling in spellings if isinstance(getattr(block, spelling, None), nn.Module)), "")
        if found and (part.startswith("norm") or hooked or not scaled):
            yield f"{name}.{part}", within(place, found)
    yield name, place


def convolution_block(block: nn.Module, name: str, place: Place) -> Iterator[tuple[str, Place]]:
    """The taps of one convolutional block: ``conv1``, ``norm1``, ``conv2`` … in the order of its path, then itself.

    Where a norm has its activation inside, what is read is the normalised value before the activation.
    """
    counts = {"conv": 0, "norm": 0}
    for path, module in _path(block, ""):
        part = "conv" if isinstance(module, _CONVOLUTIONS) else "norm"
        counts[part] += 1
        fused = hasattr(module, "act") and isinstance(getattr(module, "drop", None), nn.Module)
        last = place.channels_last or type(module) is nn.LayerNorm
        yield (
            f"{name}.{part}{counts[part]}",
            Place(module=f"{place.module}.{path}" + (".drop" if fused else ""), channels_last=last),
        )
    yield name, place


def within(place: Place, path: str) -> Place:
    """The place of a submodule, laid out like its parent."""
    return Place(
        module=f"{place.module}.{path}",
        channels_last=place.channels_last,
        sequence_first=place.sequence_first,
        prefix=place.prefix,
        cls=place.cls,
    )


def staged(
    network: nn.Module, stages: list[str], *, channels_last: bool = False, inner: tuple[str, ...] = ("blocks", "layers")
) -> dict[str, Place]:
    """The taps of a network in stages: ``stem`` (what enters the first stage), each stage, its blocks, their parts.

    Args:
        network: the whole network.
        stages: the stages' paths, first to last. A path may be that of a list of blocks.
        channels_last: how maps lie.
        inner: under which names a stage keeps its blocks; else its numbered children are the blocks.
    """
    places: dict[str, Place] = {}
    for number, path in enumerate(stages):
        stage = network.get_submodule(path)
        blocks_path, blocks = next(
            (
                (f"{path}.{key}", getattr(stage, key))
                for key in inner
                if isinstance(getattr(stage, key, None), nn.Module)
            ),
            (path, stage),
        )
        numbered = [key for key, _ in blocks.named_children() if key.isdigit()]
        if number == 0:
            first = path if not isinstance(stage, nn.ModuleList) else f"{blocks_path}.{numbered[0]}"
            places["stem"] = Place(module=first, before=True, channels_last=channels_last)
        for index, key in enumerate(numbered):
            place = Place(module=f"{blocks_path}.{key}", channels_last=channels_last)
            places.update(_stage_block(blocks.get_submodule(key), f"stages.{number}.blocks.{index}", place))
        # A stage that ends with a step towards the next one is read at its last block: that is where others end.
        ends_early = isinstance(stage, nn.ModuleList) or isinstance(getattr(stage, "blocks", None), nn.ModuleList)
        whole = f"{blocks_path}.{numbered[-1]}" if ends_early and numbered else path
        places[f"stages.{number}"] = Place(module=whole, channels_last=channels_last)
    return places


def _stage_block(block: nn.Module, name: str, place: Place) -> Iterator[tuple[str, Place]]:
    if hasattr(block, "drop_path1") or hasattr(block, "layer_scale1"):
        return transformer_block(block, name, place)
    if any(isinstance(module, _CONVOLUTIONS) for module in block.modules()):
        return convolution_block(block, name, place)
    return iter([(name, place)])


def _path(block: nn.Module, prefix: str) -> Iterator[tuple[str, nn.Module]]:
    """The convolutions and norms of a block in the order in which they were made, side branches left out."""
    for key, child in block.named_children():
        if key in _ASIDE:
            continue
        if isinstance(child, _CONVOLUTIONS + _NORMS):
            yield prefix + key, child
        else:
            yield from _path(child, f"{prefix}{key}.")


def classified(
    network: nn.Module, images: Tensor, classifier: str, run: Callable[[Tensor], Tensor]
) -> dict[str, Tensor]:
    """Run a network that ends in a linear classifier: what enters it is ``pooled``, what leaves it ``logits``."""
    caught: list[Tensor] = []
    hook = network.get_submodule(classifier).register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    try:
        logits = run(images)
    finally:
        hook.remove()
    return {"pooled": caught[-1].flatten(1), "logits": logits}
