"""What counts as a failure of a run: the limits of ``diagnosis``, each with what was measured on either side of it."""

from __future__ import annotations

SPREAD_BLOWN = 30.0
"""Deviation of the trained embeddings, in units of the first step's or of 1 where that was less, above which the weights were thrown
out. SimCLR with AdamW on CIFAR-10, rates 75, 250 and 750 times too high: 75, 361 and 3,760, five more objectives and a ViT alike; 8 times:
6.5 at most, and it learns; spikes planted in a loss: 18 at most; some 200 other runs: 2.2 at most."""
LOSS_ROSE = 1.0
"""How far the loss has stood above its first, in units of it, for a collapse to be the rate's doing. Where rates are 750 times too
high and the loss sees size 1.7 to 11 (supervised), 47 (rotation), 15,000 (MAE); healthy runs .3 at most (but VICReg 24 in its first
steps, behind a wide projector: alone it says nothing)."""
STD_NONE = 0.005
"""Deviation of unit-length embeddings, times √d, below which they are one point; untrained encoders are above .1."""
STD_FALLEN = 0.17
"""That deviation within batches, as a share of the highest it has been in the run. Contrastive runs begin with a dip, down to .24 in
healthy ones (three of SimCLR with disturbed colours, in epochs 2 and 3); planted collapses go to .02 to .12."""
STD_LOW = 0.1
"""How low it must be besides where nothing but the backbone tells: an untrained ViT-Mini begins at .84 of CIFAR-10, and MAE, which
cannot collapse, brings it to .20 while linear accuracy rises."""
SPREAD_FALLEN, SPREAD_GONE = 0.2, 0.02
"""The embeddings' own deviation, likewise, behind a projector and at the backbone: VICReg without its variance term shrinks to a point
in all directions at once, and passes .2 in a third of the time that it takes to .02. Healthy projectors stay above .7 (without
covariance .5), MAE's backbone above .26."""
FEW_DIRECTIONS = 2.0
"""RankMe of a projector's centred output below which nearly everything lies on a line."""
AGREED, CHASED = 0.98, 0.9
"""A student that agrees with its teacher so much, at a momentum below the second, has nothing to follow."""
COLOUR = 0.85
"""How far embeddings move when channels change places, of the squared distance between different images: what survives is 1 - .85. All
networks follow colours for a while. Healthy runs .82 at most, while kNN is still where it was (photographs, 5 epochs; MSN and iBOT
after 3: .71), and .1 to .5 later. ``builtin:clutter`` with default views passes through .81, and comes to .87 to 1.15."""
COLOUR_ROSE = 0.05
"""How much more of it than before training: where an untrained network follows colours, training has to make it worse."""
LEARNT = 0.8
"""Squared distance of two views of an image, of that of different images, in training: above it the objective has not been met yet, by
no shortcut either. Before training and at rates near 0 it is .95 and more; ``builtin:clutter`` .64 after four epochs, .55 at the end."""
KNN_GAINED = 0.05
"""A gain of kNN over the untrained network that excuses colours: there they are what is asked for. Excluded by two standard errors."""
SAME_BATCH = 0.75
"""Nearest neighbours from the same batch, 0 as by chance and 1 all of them. Healthy runs lie below 0, flat embeddings up to .6; shrunk
ones (VICReg without its variance term, one of ten runs) .76: there it says nothing."""
SPIKE = 10.0
"""Gradient norm, in running medians, that counts as a spike (see ``monitors.traces.Spikes``)."""
KNN_FELL = 0.1
"""Fall of kNN below its best that counts beside spikes, if it is also beyond two standard errors."""
SILENT = 0.5
"""Share of the backbone's units that say the same for every image."""
FEW_PROTOTYPES, EQUAL = 1.5, 0.99
"""Prototypes in use below which all images are given to one; and an image's own entropy, of its highest, above which it is given to all
alike. DINO with targets at a temperature of .3: .9997; healthy runs of DINO, iBOT, MSN and SwAV at most .96, early, and .5 to .9 later."""
