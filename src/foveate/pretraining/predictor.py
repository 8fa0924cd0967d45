"""The small transformer behind the encoder: it says what stands at patches that the encoder has not seen."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from timm.layers import build_sincos2d_pos_embed, trunc_normal_
from timm.models.vision_transformer import Block
from torch import Tensor, nn

from foveate.core.errors import FoveateError


class PatchPredictor(nn.Module):
    """From the tokens of some patches to values at others: MAE's decoder, and the predictor of I-JEPA and data2vec.

    Tokens are projected to ``width``; each patch to be predicted is one learned token; fixed 2-D sine-cosine position
    embeddings (Vaswani et al. 2017, on rows and columns) say where each stands.

    Args:
        grid: rows and columns of patches. inputs: width of the encoder's tokens. outputs: of what is predicted.
        width: of this transformer, a multiple of 4 and of ``heads``. depth: its blocks; 0 is a linear map of position and mask token.

    Raises:
        FoveateError: a width that cannot be divided.
    """

    positions: Tensor

    def __init__(self, grid: tuple[int, int], *, inputs: int, outputs: int, width: int, depth: int, heads: int) -> None:
        super().__init__()
        if width % 4 or width % heads:
            raise FoveateError(
                f"a predictor {width} wide cannot have {heads} heads and positions of rows and columns.",
                f"use a width that 4 and {heads} divide, e.g. {max(4 * heads, round(width / (4 * heads)) * 4 * heads)}",
            )
        self.enter = nn.Linear(inputs, width)
        self.mask_token = nn.Parameter(torch.zeros(width))
        self.blocks = nn.ModuleList(Block(width, heads, qkv_bias=True) for _ in range(depth))
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.leave = nn.Linear(width, outputs)
        self.register_buffer(
            "positions", build_sincos2d_pos_embed([*grid], dim=width, interleave_sin_cos=True), persistent=False
        )
        trunc_normal_(self.mask_token, std=0.02)
        for layer in (self.enter, self.leave):
            trunc_normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(
        self, tokens: Float[Tensor, "b k d"], at: Int[Tensor, "b k"], wanted: Int[Tensor, "b m"]
    ) -> Float[Tensor, "b m e"]:
        """The values at the patches ``wanted``, from tokens of the patches ``at``."""
        x = self.enter(tokens) + self.positions[at]
        asked = self.mask_token + self.positions[wanted]
        x = torch.cat([x, asked.to(x.dtype)], dim=1)
        for block in self.blocks:
            x = block(x)
        return self.leave(self.norm(x[:, tokens.shape[1] :]))
