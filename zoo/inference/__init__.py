"""Predictions for more images than memory holds: one table from one call, or a function for each batch.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from typing import TYPE_CHECKING

from zoo.utils.modules import lazy

if TYPE_CHECKING:
    from zoo.inference.prediction import Predicted, predict
    from zoo.inference.predictor import Predictor

__all__ = ["Predicted", "Predictor", "predict"]
__getattr__ = lazy(
    __name__,
    {
        "Predicted": "zoo.inference.prediction",
        "Predictor": "zoo.inference.predictor",
        "predict": "zoo.inference.prediction",
    },
)
