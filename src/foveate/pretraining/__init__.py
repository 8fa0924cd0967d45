"""Self-supervised objectives, their monitors and the verb that runs them."""
