"""One file per object, each with a function ``build(rng)``; the list is ``foveate.rendering.catalogue``."""
