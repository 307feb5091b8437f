"""The recipe: every choice of training as one frozen, printable value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

OPTIMIZERS = ("adamw", "adam", "lion", "sgd")
SCHEDULES = ("cosine", "constant")
AUGMENTATIONS = ("none", "flips")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a member is trained: the head on a frozen backbone first, then more of the network at a low rate.

    A member without pretrained weights has nothing to freeze: it trains in one phase, everything, for
    ``head_epochs + epochs`` at ``head_learning_rate``.

    Attributes:
        head_epochs: epochs of the first phase, the backbone frozen; 0 leaves it out.
        head_learning_rate: highest rate of the first phase.
        epochs: epochs of the second phase, fine-tuning; 0 leaves it out.
        learning_rate: highest rate of the second phase.
        unfreeze: what of the backbone the second phase trains, counted from the output: ``"all"``, a number of
            layers (the first report: 30), or a share of its parameters as a fraction below 1 (the second: 0.01 to 0.3).
        train_batch_norm: let unfrozen batch norms update their statistics; by default they keep ImageNet's,
            because waking them on small batches undoes what fine-tuning gains.
        optimizer: ``adamw`` (Loshchilov and Hutter, arXiv:1711.05101), ``adam``, ``lion`` (Chen et al.,
            arXiv:2302.06675) or ``sgd`` with momentum 0.9.
        weight_decay: decoupled decay of ``adamw`` and ``lion`` and ``sgd``; not applied to biases and norms.
        schedule: ``cosine`` after a linear warm-up (Loshchilov and Hutter, arXiv:1608.03983), or ``constant``.
        final_share: the cosine ends at this share of the highest rate (the second report: 0.02 and 0.05).
        warmup: share of a phase's steps that warm up, for ``cosine``.
        batch_size: images a step.
        augment: ``flips`` turns half the images over, in both directions; ``none`` does not.
        class_weights: weigh every image by the inverse of its class' frequency.
        label_smoothing: share of the target spread over all classes (Szegedy et al., arXiv:1512.00567).
        patience: epochs without a better validation loss after which a phase stops; None never stops. The best
            weights of all epochs are kept either way.

    Raises:
        ValueError: a value outside of these.
    """

    head_epochs: int = 3
    head_learning_rate: float = 1e-3
    epochs: int = 5
    learning_rate: float = 3e-4
    unfreeze: Literal["all"] | int | float = "all"
    train_batch_norm: bool = False
    optimizer: Literal["adamw", "adam", "lion", "sgd"] = "adamw"
    weight_decay: float = 1e-4
    schedule: Literal["cosine", "constant"] = "cosine"
    final_share: float = 0.01
    warmup: float = 0.1
    batch_size: int = 32
    augment: Literal["none", "flips"] = "flips"
    class_weights: bool = False
    label_smoothing: float = 0.0
    patience: int | None = 5

    def __post_init__(self) -> None:
        for name, known in (("optimizer", OPTIMIZERS), ("schedule", SCHEDULES), ("augment", AUGMENTATIONS)):
            _check(getattr(self, name) in known, name, f"one of {', '.join(known)}", self)
        for name in ("head_epochs", "epochs"):
            _check(_is_count(getattr(self, name), 0), name, "a whole number of 0 or more", self)
        for name in ("head_learning_rate", "learning_rate"):
            _check(getattr(self, name) > 0, name, "a number above 0", self)
        for name in ("final_share", "warmup", "label_smoothing"):
            _check(0 <= getattr(self, name) < 1, name, "a share of 0 up to 1", self)
        _check(_is_count(self.batch_size, 1), "batch_size", "a whole number of 1 or more", self)
        _check(self.patience is None or _is_count(self.patience, 1), "patience", "None or 1 or more", self)
        _check(self.weight_decay >= 0, "weight_decay", "a number of 0 or more", self)
        _check(_unfreezes(self.unfreeze), "unfreeze", "'all', layers (1, 2, ...) or a share above 0, below 1", self)
        _check(self.head_epochs + self.epochs > 0, "epochs", "1 or more in one of the phases", self)

    def as_dict(self) -> dict[str, Any]:
        """The recipe as plain JSON values."""
        return asdict(self)


def option_names() -> list[str]:
    """The names of all choices."""
    return [choice.name for choice in fields(Recipe)]


def _unfreezes(value: object) -> bool:
    return value == "all" or _is_count(value, 1) or (isinstance(value, float) and 0 < value < 1)


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _check(good: bool, name: str, expected: str, recipe: Recipe) -> None:
    if not good:
        raise ValueError(f"Expected {name} as {expected}; received {getattr(recipe, name)!r}.")
