"""Training one member: phases, freezing, optimizer, and keeping the best weights.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from typing import TYPE_CHECKING

from zoo.utils.modules import lazy

if TYPE_CHECKING:
    from zoo.training.distillation import Teacher
    from zoo.training.loop import Trained, train
    from zoo.training.mixed_precision import train_planned

__all__ = ["train", "train_planned", "Trained", "Teacher"]
__getattr__ = lazy(
    __name__,
    {
        "train": "zoo.training.loop",
        "train_planned": "zoo.training.mixed_precision",
        "Trained": "zoo.training.loop",
        "Teacher": "zoo.training.distillation",
    },
)
