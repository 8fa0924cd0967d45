"""``--set help``: the knobs of an objective and of its views, said and not run."""

from __future__ import annotations

import dataclasses

from foveate.core import console
from foveate.data.views import View
from foveate.pretraining.config import Pretrain
from foveate.pretraining.knobs import documented
from foveate.pretraining.objective import Objective
from foveate.pretraining.registry import OBJECTIVES
from foveate.pretraining.settings import resolve
from foveate.reporting.record import Report
from foveate.reporting.sections import Section, Table

OF_VIEWS = "`view.FIELD` changes all views of the objective, `view1.FIELD` and `view2.FIELD` the first and the second."


def manual(config: Pretrain) -> Report:
    """The knobs with their defaults, on the console and as a report.

    Raises:
        FoveateError: an unknown objective or recipe.
    """
    name = resolve(dataclasses.replace(config, set=())).objective
    assert name is not None
    objective: type[Objective] = OBJECTIVES.load(name)
    own = [list(each) for each in documented(objective.Config)]
    # What a view is set to depends on objective, its knobs and the size: the report of a run lists it.
    views = [[f"view.{knob}", "the objective's", text] for knob, _, text in documented(View)]
    for knob, default, text in own + views:
        console.say(f"{knob} = {default}: {text}")
    console.say(OF_VIEWS.replace("`", ""))
    report = Report("pretrain", f"Knobs of {name}")
    columns = ["knob", "default", "what it does"]
    report.section(Section("Knobs", [Table(columns, own, id="knobs")]))
    report.section(Section("Knobs of the views", [Table(columns, views, id="views")], lead=OF_VIEWS))
    return report
