"""What two encoders have in common, layer by layer."""
