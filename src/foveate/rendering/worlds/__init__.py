"""One file per world, each with a function ``build(rng)``; the list is ``foveate.rendering.catalogue``."""
