"""Training one member: phases, freezing, optimizer, and keeping the best weights."""

from zoo.training.devices import precision
from zoo.training.fit import Trained, train

__all__ = ["train", "precision", "Trained"]
