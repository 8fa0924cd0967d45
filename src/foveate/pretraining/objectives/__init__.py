"""One file per objective; the visible list is `foveate.pretraining.registry`."""
