"""What an encoder is good for."""
