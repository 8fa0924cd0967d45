"""What an encoder memorised of the images it was trained on."""
