"""What looks on while an encoder trains, in foveate's own loop or in anybody's. Nothing here touches the objective.

``look`` and ``shortcuts`` are plain functions of tensors, ``Watch`` keeps the state that a loop of one's own needs,
``callbacks`` hangs it into Lightning and transformers, ``Monitors`` is what ``foveate pretrain`` watches with.
"""

from foveate.pretraining.monitors.look import of_embedding as of_embedding
from foveate.pretraining.monitors.look import of_step as of_step
from foveate.pretraining.monitors.look import of_views as of_views
from foveate.pretraining.monitors.look import unit_std as unit_std
from foveate.pretraining.monitors.own import Watch as Watch
from foveate.pretraining.monitors.probe import OnlineProbe as OnlineProbe
from foveate.pretraining.monitors.sample import Sample as Sample
from foveate.pretraining.monitors.sample import Surrogates as Surrogates
from foveate.pretraining.monitors.traces import Falls as Falls
from foveate.pretraining.monitors.watcher import Monitors as Monitors
