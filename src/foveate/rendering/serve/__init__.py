"""The page of ``foveate render --serve``: a control per factor, and the picture that follows them."""

from foveate.rendering.serve.verb import serve

__all__ = ["serve"]
