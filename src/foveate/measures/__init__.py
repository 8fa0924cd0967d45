"""Pure functions on arrays: neighbours, linear readouts, similarity, spectra, duplicates."""
