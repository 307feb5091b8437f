"""Plots: functions of arrays that return a matplotlib figure, or draw on an axis that is given.

    >>> import numpy as np
    >>> from zoo import plots
    >>> plots.confusion([0, 0, 1], [0, 1, 1], ["cat", "dog"]).axes[0].get_xlabel()
    'predicted'

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from zoo.plots.answers import coverage_sets, reliability, risk_coverage
from zoo.plots.canvas import Plot, as_png, as_svg
from zoo.plots.classes import confusion, counts, recalls
from zoo.plots.features import feature_map
from zoo.plots.scores import leaderboard, removal, score_speed, shift
from zoo.plots.training import curves

__all__ = [
    "confusion",
    "counts",
    "coverage_sets",
    "curves",
    "feature_map",
    "leaderboard",
    "recalls",
    "reliability",
    "removal",
    "risk_coverage",
    "score_speed",
    "shift",
    "Plot",
    "as_png",
    "as_svg",
]
