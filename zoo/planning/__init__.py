"""What a run will cost, known before it trains.

Three questions, from the bottom up:

- :func:`look_around` says what this process may use: cores, memory, GPUs, free disk.
- :func:`measure` says how fast one plan with one recipe is on this machine, by a rehearsal of some seconds, as a
  :class:`Speed`: seconds an image in each phase, in prediction, in the computation of features. It does not depend on
  epochs, views, images, rates or seeds. :func:`guess` needs no step, and is rough. :class:`Speeds` remembers both.
- :func:`forecast_of` says what a whole run will cost, as a :class:`Forecast`: arithmetic on speeds, with folds,
  snapshots, test-time views, processes and what the store has already. Given one :class:`Speeds`, another forecast of
  the same plans with other epochs or folds takes milliseconds, so that choices can be compared::

    speeds, store = Speeds(), Store("runs/cells")
    entrants = enter(["mobilenet_v2"], defaults_of(options), data.train)
    for epochs in (5, 10, 20):
        changed = replace(options, recipe=replace(recipe, epochs=epochs))
        print(forecast_of(entrants, changed, data, store, speeds=speeds, measure=True).total)

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from typing import TYPE_CHECKING

from zoo.utils.modules import lazy

if TYPE_CHECKING:
    from zoo.planning.forecast import Forecast, MemberForecast
    from zoo.planning.machine import Machine, look_around
    from zoo.planning.measuring import Speeds, guess, measure
    from zoo.planning.planner import forecast_of
    from zoo.planning.speed import PhaseSpeed, Speed

__all__ = [
    "look_around",
    "Machine",
    "measure",
    "guess",
    "Speed",
    "PhaseSpeed",
    "Speeds",
    "forecast_of",
    "Forecast",
    "MemberForecast",
]
__getattr__ = lazy(
    __name__,
    {
        "look_around": "zoo.planning.machine",
        "Machine": "zoo.planning.machine",
        "measure": "zoo.planning.measuring",
        "guess": "zoo.planning.measuring",
        "Speed": "zoo.planning.speed",
        "PhaseSpeed": "zoo.planning.speed",
        "Speeds": "zoo.planning.measuring",
        "forecast_of": "zoo.planning.planner",
        "Forecast": "zoo.planning.forecast",
        "MemberForecast": "zoo.planning.forecast",
    },
)
