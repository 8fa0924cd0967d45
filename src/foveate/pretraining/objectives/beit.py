"""BEiT (Bao et al. 2022): hidden patches are named by a small vocabulary of patches, which is learned along the way.

BEiT takes its vocabulary from a separately trained dVAE; here it is k-means of the patches' pixels, moved with the batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from foveate.core.errors import FoveateError
from foveate.engine.distributed import gather, mean_over_ranks, world
from foveate.pretraining.masked import Masked, MaskKind, MaskKnobs, within
from foveate.pretraining.objective import Batch, LossOutput, Progress, Setting
from foveate.training.chunks import in_chunks

if TYPE_CHECKING:
    from foveate.encoders.encoder import Encoder


@dataclass(frozen=True, kw_only=True)
class Knobs(MaskKnobs):
    """BEiT's knobs."""

    mask: float = 0.4
    """Share of the patches that is hidden."""
    mask_kind: MaskKind = "block"
    """Rectangles (block), single patches (random), squares of mask_unit patches (squares), or all but a few squares (inverse)."""
    vocabulary: int = 256
    """Kinds of patches: 8,192 for photographs of 16-px patches; fewer for small images."""
    code_momentum: float = 0.99
    """Of the vocabulary's moving averages."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.vocabulary < 2:
            raise FoveateError(f"vocabulary = {self.vocabulary} is below 2.", "try vocabulary=256")
        if not 0 <= self.code_momentum < 1:
            raise FoveateError(f"code_momentum = {self.code_momentum:g} is outside [0, 1).", "try code_momentum=0.99")


class BEiT(Masked):
    """Encoder on all positions, linear head, cross entropy with the vocabulary's word at the hidden ones."""

    Config = Knobs
    config: Knobs
    called: ClassVar[str] = "BEiT"
    coupled = True  # by the vocabulary, which is of the whole batch

    def __init__(self, config: Knobs, encoder: Encoder, setting: Setting) -> None:
        super().__init__(config, encoder, setting)
        if config.vocabulary > setting.batch * self.patches.count:
            raise FoveateError(
                f"a vocabulary of {config.vocabulary} cannot begin with the {setting.batch * self.patches.count} patches of a batch.",
                f"give vocabulary at most {setting.batch * self.patches.count}, or a larger --batch",
            )
        self.mask_token = nn.Parameter(torch.zeros(self.patches.width))
        nn.init.trunc_normal_(self.mask_token, std=0.02)
        self.head = nn.Linear(self.patches.width, config.vocabulary)
        self.vocabulary = Vocabulary(config.vocabulary, 3 * self.patches.size**2, momentum=config.code_momentum)

    def loss(self, batch: Batch) -> LossOutput:
        images = batch.views[0]
        hidden = self.config.draw(self.patches.grid, batch)
        with torch.no_grad():
            words = self.vocabulary(self.patches.pixels(images), batch.stream("vocabulary"))

        def embed(images: Tensor, hidden: Tensor) -> Tensor:
            return self.patches.hiding(self.backbone, images, hidden, self.mask_token)

        tokens = in_chunks(embed, images, self.chunk, self.backbone, hidden)
        logits = self.head(tokens[:, 1:])
        with torch.autocast(images.device.type, enabled=False):
            kind = torch.promote_types(logits.dtype, torch.float32)
            each = F.cross_entropy(logits.flatten(0, 1).to(kind), words.flatten(), reduction="none")
            loss = within(each.view_as(words), hidden)
            right = within((logits.argmax(-1) == words).to(kind), hidden)
        return LossOutput(loss=loss, terms={"accuracy": right.detach()}, outputs={"backbone": tokens[:, 0].detach()})

    def after_step(self, progress: Progress) -> None:
        self.vocabulary.update()


class Vocabulary(nn.Module):
    """k-means over a stream of vectors: moving averages of the members of each word, after van den Oord et al. 2017, appendix A.1.

    It begins with vectors of the first batch, drawn at random; a word with hardly a member is replaced by one of the batch's.
    """

    words: Tensor
    counts: Tensor
    sums: Tensor

    def __init__(self, count: int, width: int, *, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.register_buffer("words", torch.zeros(count, width))
        self.register_buffer("counts", torch.zeros(count))
        self.register_buffer("sums", torch.zeros(count, width))
        self._seen: tuple[Tensor, Tensor, Tensor] | None = None

    @torch.no_grad()
    def forward(self, x: Float[Tensor, "b n e"], stream: torch.Generator) -> Int[Tensor, "b n"]:
        """The nearest word of each vector; they are remembered for ``update``. ``stream`` is the same in every process."""
        flat = x.detach().flatten(0, 1).to(self.words.dtype)
        everywhere = gather(flat)
        chosen = torch.randperm(len(everywhere), generator=stream)[: len(self.words)].to(flat.device)
        spare = everywhere[chosen]
        if not bool(self.counts.any()):
            self.words.copy_(spare)
            self.sums.copy_(spare)
            self.counts.fill_(1.0)
        # |x − w|² without |x|², which is the same for every word
        found = (self.words.square().sum(1) - 2 * flat @ self.words.T).argmin(1)
        self._seen = (flat, found, spare)
        return found.view(x.shape[:2])

    @torch.no_grad()
    def update(self) -> None:
        """Move the words to their members of this step, over all processes."""
        assert self._seen is not None
        flat, found, spare = self._seen
        counts = torch.zeros_like(self.counts).index_add_(0, found, torch.ones_like(found, dtype=self.counts.dtype))
        sums = torch.zeros_like(self.sums).index_add_(0, found, flat)
        counts, sums = (mean_over_ranks(each) * world() for each in (counts, sums))
        self.counts.lerp_(counts, 1 - self.momentum)
        self.sums.lerp_(sums, 1 - self.momentum)
        dead = self.counts < 0.01
        self.counts[dead], self.sums[dead] = 1.0, spare[dead]
        self.words.copy_(self.sums / self.counts[:, None])
