"""Answers to more images than memory holds: one table from one call, or a function for each batch."""

from zoo.predicting.predictor import Predictor
from zoo.predicting.running import Predicted, predict

__all__ = ["Predicted", "Predictor", "predict"]
