"""Training one member: phases, freezing, optimizer, and keeping the best weights."""

from zoo.training.fit import Trained, train
from zoo.training.teaching import Teacher
from zoo.training.twin import train_planned

__all__ = ["train", "train_planned", "Trained", "Teacher"]
