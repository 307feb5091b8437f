"""Predictions for more images than memory holds: one table from one call, or a function for each batch.

May import: export, state and all below.
Imported by the front door and the command line.
"""

from zoo.inference.prediction import Predicted, predict
from zoo.inference.predictor import Predictor

__all__ = ["Predicted", "Predictor", "predict"]
