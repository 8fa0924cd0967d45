"""Small encoders for 32 to 64 pixel images, quick enough to pretrain on two CPU cores."""
