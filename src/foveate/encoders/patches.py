"""A vision transformer as masked objectives see it: some patches in, or some replaced; tokens out, with gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from foveate.core.errors import FoveateError

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


class Tokens(NamedTuple):
    """What a transformer says of a batch after its last norm.

    Attributes:
        patches: [b k d], of the patches that were shown, in the order in which they were asked for.
        pooled: [b d], the network's own pooling of these.
    """

    patches: Tensor
    pooled: Tensor


class Patches:
    """The patches of an encoder that is a ``VisionTransformer`` of timm (our ``foveate:vit-*`` are).

    Args:
        encoder: whose network, or a copy of it such as a teacher, is to be run.

    Attributes:
        grid: rows and columns of patches of a view of the encoder's own size. size: side of a patch, px.
        width: of a token. count: patches of a view.

    Raises:
        FoveateError: it is another kind of network.
    """

    grid: tuple[int, int]
    size: int
    width: int
    count: int
    pools_mean: bool

    def __init__(self, encoder: Encoder, *, wanted_by: str) -> None:
        module = encoder.module
        if not isinstance(module, VisionTransformer) or module.attn_pool is not None or encoder.grid is None:
            raise FoveateError(
                f"{wanted_by} hides patches, and {encoder.address} has none that can be left out.",
                "use a vision transformer, e.g. --encoder foveate:vit-mini or random:vit_small_patch16_224",
            )
        self.grid = encoder.grid
        self.size = int(module.patch_embed.patch_size[0])
        self.width = int(module.embed_dim)
        self.count = self.grid[0] * self.grid[1]
        self.address = encoder.address
        self.pools_mean = module.global_pool == "avg"

    def __call__(
        self,
        module: nn.Module,
        images: Float[Tensor, "b 3 h w"],
        *,
        keep: Int[Tensor, "b k"] | None = None,
        hide: Bool[Tensor, "b n"] | None = None,
        token: Float[Tensor, " d"] | None = None,
        last: int = 0,
    ) -> Tokens:
        """Run the network on all patches, or on some.

        Args:
            module: the encoder's network or a copy of it.
            keep: the patches to run on, row-major; the others are left out and cost nothing.
            hide: the patches whose content is replaced by ``token``; their positions stay.
            last: if above 0, ``patches`` are the mean of the outputs of so many last blocks, each normalised by its
                own mean and deviation (data2vec's targets), without the final norm.
        """
        vit: Any = module
        x = vit.patch_embed(images)
        if hide is not None:
            assert token is not None
            x = torch.where(hide.view(*x.shape[:-1], 1), token.to(x.dtype), x)
        x = vit._pos_embed(x)
        prefix = vit.num_prefix_tokens
        if keep is not None:
            shown = x[:, prefix:].gather(1, keep[..., None].expand(-1, -1, x.shape[-1]))
            x = torch.cat([x[:, :prefix], shown], dim=1)
        x = vit.norm_pre(x)
        outputs = []
        for index, block in enumerate(vit.blocks):
            x = block(x)
            if index >= len(vit.blocks) - last:
                outputs.append(normal(x[:, prefix:]))
        x = vit.norm(x)
        pooled = vit.fc_norm(vit.pool(x))
        patches = torch.stack(outputs).mean(0) if outputs else vit.fc_norm(x[:, prefix:])
        return Tokens(patches, pooled)

    def hiding(
        self,
        module: nn.Module,
        images: Float[Tensor, "b 3 h w"],
        hide: Bool[Tensor, "b n"],
        token: Float[Tensor, " d"],
    ) -> Float[Tensor, "b n+1 d"]:
        """Run with some patches replaced: the pooled output, then the patches, in one tensor as ``in_chunks`` wants it."""
        tokens = self(module, images, hide=hide, token=token)
        return torch.cat([tokens.pooled[:, None], tokens.patches], dim=1)

    def pixels(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b n e"]:
        """The images cut into their patches, row-major, each e = 3·size² values (channel last)."""
        b, _, h, w = images.shape
        cut = images.reshape(b, 3, h // self.size, self.size, w // self.size, self.size)
        return cut.permute(0, 2, 4, 3, 5, 1).reshape(b, -1, 3 * self.size**2)


def normal(tokens: Float[Tensor, "... d"]) -> Float[Tensor, "... d"]:
    """Each token normalised by its own mean and deviation, in float32 or wider."""
    return nn.functional.layer_norm(tokens.to(torch.promote_types(tokens.dtype, torch.float32)), tokens.shape[-1:])
