"""``foveate pretrain --watch``: a run on a page of this machine, as it goes."""
