"""Where the class token looks: the attention weights of a transformer's last block, of any family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torch.overrides import TorchFunctionMode

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


def cls_attention(encoder: Encoder, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b heads rows columns"] | None:
    """The share that the class token gives to each patch in the last block; the rest of its 1 goes to itself and registers.

    Fused attention keeps no weights: queries and keys are caught as they enter it, after any norm or rotation, and the
    product is made again.

    Args:
        images: preprocessed, on the encoder's device.

    Returns:
        None where there is no class token in the blocks, or no fused attention over all tokens.
    """
    blocks = [
        place for name, place in encoder.anatomy.places.items() if name.startswith("blocks.") and name.count(".") == 1
    ]
    if not blocks or not blocks[-1].cls or encoder.grid is None:
        return None
    rows, columns = encoder.grid
    prefix = blocks[-1].prefix
    # With gradients on, torch's own attention module does not take its shortcut past what is watched.
    with torch.enable_grad(), _Watching(prefix + rows * columns) as watching:
        _forward(encoder, images)
    if watching.caught is None:
        return None
    query, key, scale = watching.caught
    weights = torch.softmax((query[..., :1, :] @ key.transpose(-2, -1)) * scale, dim=-1)
    return weights[..., 0, prefix:].unflatten(-1, (rows, columns))


def _forward(encoder: Encoder, images: Tensor) -> None:
    """One pass in evaluation mode; every part's own mode comes back."""
    training = [part for part in encoder.module.modules() if part.training]
    encoder.module.eval()
    try:
        encoder.anatomy.forward(encoder.module, images)
    finally:
        for part in training:
            part.training = True


class _Watching(TorchFunctionMode):
    """Keeps queries, keys and scale of the last unmasked self-attention over ``tokens`` tokens."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.tokens = tokens
        self.caught: tuple[Tensor, Tensor, float] | None = None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is F.scaled_dot_product_attention:
            self._note(*args, **kwargs)
        elif func is F.multi_head_attention_forward:  # what it calls inside is not shown
            self._note_whole(*args, **kwargs)
        return func(*args, **kwargs)

    def _note(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        **_: Any,
    ) -> None:
        if (
            query.shape == key.shape
            and query.ndim == 4
            and query.shape[-2] == self.tokens
            and attn_mask is None
            and not is_causal
        ):
            self.caught = (query.detach(), key.detach(), scale or query.shape[-1] ** -0.5)

    def _note_whole(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        width: int,
        heads: int,
        weight: Tensor | None,
        bias: Tensor | None,
        *_: Any,
        **named: Any,
    ) -> None:
        """torch's own module: [n b d] tokens and one weight for queries, keys and values."""
        if weight is None or query.shape != key.shape or query.ndim != 3 or named.get("attn_mask") is not None:
            return
        queries, keys, _values = (
            part.unflatten(2, (heads, -1)).permute(1, 2, 0, 3) for part in F.linear(query, weight, bias).chunk(3, dim=2)
        )
        self._note(queries, keys, keys)
