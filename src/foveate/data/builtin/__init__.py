"""Sets that foveate makes itself: real scanned digits, planted truths, small fixtures. The list is ``data.registry.BUILTINS``."""
