"""Experiment trackers: a fitted ensemble as runs of TensorBoard or MLflow.

What they write comes from what a fit keeps, so it is the same for members that were trained in other processes,
resumed, or found in the store, and no part of what members are kept under. :class:`LiveCurves` shows curves while they
grow.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from zoo.trackers.live_curves import LiveCurves
from zoo.trackers.mlflow import MLflow, to_mlflow
from zoo.trackers.results import Results
from zoo.trackers.tensorboard import TensorBoard, to_tensorboard
from zoo.trackers.tracker import Tracker

__all__ = ["to_tensorboard", "to_mlflow", "LiveCurves", "TensorBoard", "MLflow", "Tracker", "Results"]
