"""Training one member: phases, freezing, optimizer, and keeping the best weights."""

from zoo.training.distillation import Teacher
from zoo.training.loop import Trained, train
from zoo.training.mixed_precision import train_planned

__all__ = ["train", "train_planned", "Trained", "Teacher"]
