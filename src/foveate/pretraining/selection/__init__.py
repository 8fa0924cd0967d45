"""Which of the images are trained on, and how often each is seen."""
