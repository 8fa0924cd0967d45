"""Where work runs: this process (local), a torchrun group (distributed), or a Ray cluster."""
