"""The usual charts, each from plain points: intervals always drawn, colours by role, legible at any width."""

from foveate.reporting.charts.heatmap import heatmap as heatmap
from foveate.reporting.charts.parts import Point as Point
from foveate.reporting.charts.series import bars as bars
from foveate.reporting.charts.series import intervals as intervals
from foveate.reporting.charts.series import lines as lines
from foveate.reporting.charts.series import scatter as scatter
