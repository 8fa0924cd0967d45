"""Tools to model shapes with NumPy: solids that blend, swept and turned profiles, patterns of colour, and what grows."""
