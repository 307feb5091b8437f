"""Estimate the time that ``--shift`` adds after the fit; the plan of the fit does not include it."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from zoo.data.images import Images
from zoo.evaluation.corrupted_copies import suite
from zoo.members.test_time_views import NO_VIEWS, view_count
from zoo.planning.forecast import Forecast
from zoo.utils.text import count_of, duration

SAMPLE = 8  # images whose corruption is timed


def shift_line(forecast: Forecast, images: Images, *, views: str = NO_VIEWS) -> str:
    """Say how long all corrupted copies of the images take, by the forecast's speeds and the clock of a few images.

    Networks that are trained already have no speed in a forecast; where there are some, the time is the least.
    """
    few = images.subset(np.arange(min(SAMPLE, len(images))))
    start = perf_counter()
    copies = sum(1 for _ in suite(few))
    corrupting = (perf_counter() - start) / len(few)
    answering = view_count(views) * sum(one.speed.predict * one.networks for one in forecast.members if one.speed)
    about = "at least" if any(one.networks and one.speed is None for one in forecast.members) else "about"
    seconds = len(images) * (corrupting + copies * answering)
    return f"--shift: {about} {duration(seconds)} more, for {copies} copies of {count_of(len(images), 'image')}"
