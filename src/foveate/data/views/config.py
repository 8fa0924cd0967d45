"""What may happen to an image in one view. Light: nothing heavy is imported here."""

from __future__ import annotations

from dataclasses import dataclass

from foveate.core.errors import FoveateError
from foveate.data.views.boxes import check_corner


@dataclass(frozen=True, kw_only=True)
class View:
    """One view of an image: every switch and its probability, applied in the order of the fields.

    Each name and number means what it means in torchvision.transforms.v2 (RandomResizedCrop, RandomHorizontalFlip,
    ColorJitter, RandomGrayscale, GaussianBlur, RandomSolarize). A probability of 0 switches a step off.
    """

    size: int
    """Side of the output in pixels."""
    scale: tuple[float, float] | None = (0.2, 1.0)
    """Share of the image's area that a random crop takes. None: no random crop but the largest centred square."""
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    """Aspect ratio (width : height) of a random crop, in the original image's pixels."""
    corner: str | None = None
    """A fixed crop at this corner instead: lower-left, lower-right, upper-left or upper-right."""
    share: float = 0.3
    """Share of each side that the corner crop spans."""
    flip: float = 0.5
    """Probability of mirroring left and right."""
    jitter: tuple[float, float, float, float] = (0.4, 0.4, 0.4, 0.1)
    """Strengths of brightness, contrast, saturation (factors from max(0, 1 - s) to 1 + s) and hue (up to .5 of a turn)."""
    jitter_p: float = 0.8
    """Probability that the colours are jittered at all; the four steps then come in a random order."""
    grayscale: float = 0.2
    """Probability of dropping all colour."""
    blur: float = 0.0
    """Probability of a Gaussian blur."""
    blur_sigma: tuple[float, float] = (0.1, 2.0)
    """Its standard deviation, drawn evenly between these, in output pixels."""
    blur_kernel: int | None = None
    """Its width, odd. None: about a tenth of the size (23 at 224 px)."""
    solarize: float = 0.0
    """Probability of inverting every value at or above the threshold."""
    solarize_threshold: float = 0.5
    """That threshold, in [0, 1]."""
    rotation: bool = False
    """Turn by a random multiple of 90 degrees; `Parameters.rotation` holds the number of turns, to predict."""

    def __post_init__(self) -> None:
        _check(self.size >= 1, f"a view of {self.size} pixels cannot be made.", "give a size of at least 1")
        for name in ("flip", "jitter_p", "grayscale", "blur", "solarize", "solarize_threshold"):
            value = getattr(self, name)
            _check(0 <= value <= 1, f"{name} = {value:g} is outside [0, 1].", f"give {name} between 0 and 1")
        if self.scale is not None:
            low, high = self.scale
            _check(0 < low <= high <= 1, f"scale = {self.scale} is no range of shares.", "give 0 < low <= high <= 1")
        low, high = self.ratio
        _check(0 < low <= high, f"ratio = {self.ratio} is no range of aspect ratios.", "give 0 < low <= high")
        _check(
            len(self.jitter) == 4,
            f"jitter has {len(self.jitter)} strengths.",
            "give brightness, contrast, saturation, hue",
        )
        _check(
            min(self.jitter) >= 0, f"jitter = {self.jitter} has a negative strength.", "give strengths of at least 0"
        )
        _check(self.jitter[3] <= 0.5, f"a hue strength of {self.jitter[3]:g} is over half a turn.", "give at most 0.5")
        low, high = self.blur_sigma
        _check(0 < low <= high, f"blur_sigma = {self.blur_sigma} is no range.", "give 0 < low <= high")
        if self.blur:
            k = self.kernel
            _check(k % 2 == 1, f"a blur kernel of {k} pixels has no middle.", "give an odd blur_kernel")
            _check(
                k // 2 < self.size,
                f"a blur kernel of {k} does not fit a view of {self.size}.",
                "give a smaller blur_kernel",
            )
        if self.corner is not None:
            check_corner(self.corner)
            _check(0 < self.share <= 1, f"share = {self.share:g} is outside (0, 1].", "give a share above 0, at most 1")

    @property
    def kernel(self) -> int:
        """Width of the blur kernel: blur_kernel, else the odd number nearest to a tenth of the size, at least 3."""
        return self.blur_kernel if self.blur_kernel is not None else max(3, 2 * (self.size // 20) + 1)


def _check(fine: bool, what: str, remedy: str) -> None:
    if not fine:
        raise FoveateError(what, remedy)
