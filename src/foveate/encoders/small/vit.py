"""Vision transformers for small images: timm's own class with patches of 4 (32 px) or 8 (64 px) pixels."""

from __future__ import annotations

from typing import Any

from timm.models.vision_transformer import VisionTransformer

from foveate.core.errors import FoveateError


def vit(size: tuple[int, int], *, patch: int, width: int, blocks: int, heads: int, **args: Any) -> VisionTransformer:
    """A ViT with a class token.

    Args:
        args: of timm's class over these, e.g. ``global_pool="avg"``, ``drop_path_rate``, ``init_values`` (LayerScale).

    Raises:
        FoveateError: the size is no multiple of the patch.
    """
    patch = int(args.pop("patch_size", patch))
    if patch < 1 or size[0] % patch or size[1] % patch:
        raise FoveateError(
            f"this ViT cannot take images of {size[0]}×{size[1]}.", f"choose a multiple of its patch of {patch} pixels"
        )
    own: dict[str, Any] = {
        "embed_dim": width,
        "depth": blocks,
        "num_heads": heads,
        "num_classes": 0,
        "dynamic_img_size": True,  # multi-crop shows it small views too
    }
    return VisionTransformer(img_size=size, patch_size=patch, **(own | args))


def vit_mini(size: tuple[int, int], **args: Any) -> VisionTransformer:
    """128 wide, 6 deep, patches of 4: the ViT to pretrain on a laptop."""
    return vit(size, patch=4, width=128, blocks=6, heads=4, **args)


def vit_mini_patch8(size: tuple[int, int], **args: Any) -> VisionTransformer:
    """The same with patches of 8, for 64 px."""
    return vit(size, patch=8, width=128, blocks=6, heads=4, **args)


def vit_tiny(size: tuple[int, int], **args: Any) -> VisionTransformer:
    """ViT-Ti of DeiT (Touvron et al. 2021), 192 wide, 12 deep, with patches of 4."""
    return vit(size, patch=4, width=192, blocks=12, heads=3, **args)


def vit_tiny_patch8(size: tuple[int, int], **args: Any) -> VisionTransformer:
    """The same with patches of 8, for 64 px."""
    return vit(size, patch=8, width=192, blocks=12, heads=3, **args)


def vit_small(size: tuple[int, int], **args: Any) -> VisionTransformer:
    """ViT-S of DeiT, 384 wide, 12 deep, with patches of 4."""
    return vit(size, patch=4, width=384, blocks=12, heads=6, **args)
