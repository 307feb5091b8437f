"""Training one member: phases, freezing, optimizer, and keeping the best weights."""

from zoo.training.fit import train

__all__ = ["train"]
