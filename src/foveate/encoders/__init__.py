"""Images in, named features out: one module per scheme, one tap grammar over all."""
