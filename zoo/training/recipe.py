"""The recipe: every choice of training as one frozen, printable value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np

from zoo.augment import Policy, make_policy
from zoo.augment.graph_layers import check_layers
from zoo.augment.mixing import MIXES
from zoo.data.sampling import IMBALANCE

Unfreeze = Literal["all"] | int | float | str

CHOICES = {
    "optimizer": ("adamw", "adam", "lion", "sgd"),
    "schedule": ("cosine", "plateau", "step", "constant"),
    "mix": MIXES,
    "imbalance": IMBALANCE,
    "validate": ("augmented", "clean"),
    "cache": ("float16", "float32", "none"),
    "precision": ("auto", "float32", "mixed_float16", "mixed_bfloat16"),
}
COUNTS = {
    "head_epochs": 0,
    "epochs": 0,
    "drop_after": 1,
    "batch_size": 1,
    "accumulate": 1,
    "patience": 1,
    "views": 0,
    "stored_views": 0,
    "seed": 0,
}
SHARES = ("warmup", "label_smoothing", "ema")
NUMBERS = (
    *SHARES,
    "head_learning_rate",
    "head_final_learning_rate",
    "learning_rate",
    "final_learning_rate",
    "layer_decay",
    "weight_decay",
    "clip_norm",
    "drop",
    "mix_alpha",
)
DROPPING = ("plateau", "step")
RATES = (("head_final_learning_rate", "head_learning_rate"), ("final_learning_rate", "learning_rate"))


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a member is trained: the head on a frozen backbone first, then more of the network at a low rate.

    A member without pretrained weights has nothing to freeze: it trains in one phase, everything, for
    ``head_epochs + epochs`` at ``head_learning_rate``.

    Attributes:
        head_epochs: epochs of the first phase, the backbone frozen; 0 leaves it out.
        head_learning_rate: highest rate of the first phase.
        head_final_learning_rate: the lowest that the schedule takes it to (the second report: 5e-4 to 1e-5).
        epochs: epochs of the second phase, fine-tuning; 0 leaves it out.
        learning_rate: highest rate of the second phase.
        final_learning_rate: its lowest (the second report: 1e-4 to 5e-6).
        unfreeze: what of the backbone the second phase trains, counted from the output: ``"all"``, a number of
            layers (the first report: 30), a share of its parameters as a fraction below 1 (the second: 0.01 to
            0.3), or a stage by its layers' name (``"block_13"``), from its first layer on. Where that has no
            weights to train, it goes back to the last layer that has.
        train_batch_norm: let unfrozen batch norms update their statistics; by default they keep ImageNet's, as Keras'
            guide to transfer learning advises: small batches would soon destroy what they know.
        layer_decay: the backbone's layers fall into 12 groups from input to output, or fewer where it has fewer, and
            each learns at so many times the rate of the next (Bao et al., BEiT, arXiv:2106.08254); 1 is one rate for
            all.
        optimizer: ``adamw`` (Loshchilov and Hutter, arXiv:1711.05101), ``adam`` (Kingma and Ba, arXiv:1412.6980),
            ``lion`` (Chen et al., arXiv:2302.06675) or ``sgd`` with momentum 0.9.
        weight_decay: of kernels, never of biases and norms. Decoupled from the gradient but for ``adam``, where it
            is the L2 penalty that AdamW's paper compares with.
        clip_norm: gradients whose common norm is above it are scaled down to it (Pascanu et al.,
            arXiv:1211.5063); None leaves them.
        ema: momentum of a running average of the weights, taken at every step, which is what is validated and kept
            (Tarvainen and Valpola, arXiv:1703.01780; 0.99 to 0.999); 0 for none.
        batch_size: images a step.
        accumulate: steps whose gradients are averaged into one update, as if the batch were so many times larger.
            What is left over at the end of a phase, too few steps for an update, is not applied.
        schedule: ``cosine`` from the highest to the final rate (arXiv:1608.03983), ``step`` and ``plateau``, which
            multiply the rate by ``drop``, or ``constant``.
        warmup: share of a phase's steps over which the rate rises from 0 to the highest, under every schedule
            (Goyal et al., arXiv:1706.02677).
        drop: factor of ``step`` and ``plateau``, which never go below the final rate; other schedules have none.
        drop_after: epochs between two drops of ``step``; epochs without a better validation loss before
            ``plateau`` drops.
        label_smoothing: share of the target spread over all classes (Szegedy et al., arXiv:1512.00567).
        patience: epochs without a better validation loss after which a phase stops (Prechelt, 1998); None never
            stops. The best weights of all epochs are kept either way.
        validate: what the validation loss is taken on: images ``augmented`` as in training, always the same
            way, or ``clean``. Clean scores do not tell which network withstands a shift. Validation images are never
            mixed, and ``graph_layers`` leave them alone.
        augment: the policy, or several that follow each other: ``none``, ``flips``, ``standard``, ``rand``,
            ``composite``, ``trivial``; see :mod:`zoo.augment`.
        magnitude: strength of its operations, 0 to 1; None is the policy's own.
        operations: how many it draws for an image; None is the policy's own.
        share: of the images that it changes at all; None is the policy's own.
        stored_views: fine-tune on so many views of each image, 2 or more, of which the first is clean, computed once
            and shared by all members with the same policy and seed; 0 draws fresh ones every epoch.
        mix: ``mixup`` (Zhang et al., arXiv:1710.09412), ``cutmix`` (Yun et al., arXiv:1905.04899), ``both`` by turns,
            or ``none``.
        mix_alpha: parameter of the mixing shares' beta distribution; None is 0.2 for mixup and 1 for cutmix.
        graph_layers: keras-cv layers in the training graph, in order, each a table of its name and arguments:
            ``{layer = "RandomHue", factor = 0.1}``; see :mod:`zoo.augment.graph_layers`.
        imbalance: ``undersample`` to the smallest class, anew each epoch; ``class_weights``; ``balanced_sampling``
            of the classes; ``offline`` augmented copies up to the largest class; or ``none`` (Buda, Maki and
            Mazurowski compare them, arXiv:1710.05381). Under all but ``none`` every class counts the same in the
            validation loss.
        views: in the first phase each image comes in so many views, the first one clean, by turns; 0 draws
            fresh ones every epoch.
        cache: how the first phase keeps the backbone's features of those views, which are then computed once;
            ``none`` computes them every epoch. Mixing and ``graph_layers`` change images anew, and leave nothing to
            keep.
        precision: of training (Micikevicius et al., arXiv:1710.03740); the member answers in float32 whatever it was
            trained in. ``auto`` is ``mixed_bfloat16`` or ``mixed_float16`` on a GPU that is fast at it, else
            ``float32``.
        seed: of order, augmentation and mixing; None is the member's own. A common one lets members of
            different seeds share views and features.

    Raises:
        ValueError: a value outside of these.
    """

    head_epochs: int = 3
    head_learning_rate: float = 1e-3
    head_final_learning_rate: float = 0.0
    epochs: int = 10
    learning_rate: float = 3e-4
    final_learning_rate: float = 0.0
    unfreeze: Unfreeze = "all"
    train_batch_norm: bool = False
    layer_decay: float = 1.0
    optimizer: Literal["adamw", "adam", "lion", "sgd"] = "adamw"
    weight_decay: float = 1e-4
    clip_norm: float | None = 1.0
    ema: float = 0.0
    batch_size: int = 32
    accumulate: int = 1
    schedule: Literal["cosine", "plateau", "step", "constant"] = "cosine"
    warmup: float = 0.1
    drop: float = 0.3
    drop_after: int = 2
    label_smoothing: float = 0.0
    patience: int | None = 5
    validate: Literal["augmented", "clean"] = "augmented"
    augment: str | Sequence[str] = "composite"
    magnitude: float | None = None
    operations: int | None = None
    share: float | None = None
    stored_views: int = 0
    mix: Literal["none", "mixup", "cutmix", "both"] = "none"
    mix_alpha: float | None = None
    graph_layers: Sequence[Mapping[str, Any]] = ()
    imbalance: Literal["none", "undersample", "class_weights", "balanced_sampling", "offline"] = "none"
    views: int = 4
    cache: Literal["float16", "float32", "none"] = "float16"
    precision: Literal["auto", "float32", "mixed_float16", "mixed_bfloat16"] = "auto"
    seed: int | None = None

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            if isinstance(getattr(self, name), np.generic):  # of a sweep over np.logspace, say
                object.__setattr__(self, name, getattr(self, name).item())
        for name, known in CHOICES.items():
            self._check(getattr(self, name) in known, name, f"one of {', '.join(known)}")
        for name, least in COUNTS.items():
            value = getattr(self, name)
            optional = ", or None" if name in ("patience", "seed") else ""
            good = _is_count(value, least) or (bool(optional) and value is None)
            self._check(good, name, f"a whole number of {least} or more{optional}")
        for name in NUMBERS:
            none = getattr(self, name) is None and name in ("clip_norm", "mix_alpha")
            self._check(none or _is_number(getattr(self, name)), name, "a finite number")
        for name in SHARES:
            self._check(0 <= getattr(self, name) < 1, name, "a share of 0 up to 1")
        for final, highest in RATES:
            self._check(getattr(self, highest) > 0, highest, "a number above 0")
            self._check(0 <= getattr(self, final) <= getattr(self, highest), final, f"0 up to the {highest}")
            self._check(getattr(self, final) == 0 or self.schedule != "constant", final, "0, as the rate is constant")
        self._check(0 < self.layer_decay <= 1, "layer_decay", "a factor above 0, up to 1")
        self._check(0 < self.drop < 1, "drop", "a factor between 0 and 1")
        for name in ("drop", "drop_after"):
            unset = getattr(self, name) == getattr(Recipe, name)
            self._check(self.schedule in DROPPING or unset, name, f"it is by default, as {self.schedule} drops nothing")
        self._check(self.weight_decay >= 0, "weight_decay", "a number of 0 or more")
        self._check(self.clip_norm is None or self.clip_norm > 0, "clip_norm", "None or a number above 0")
        self._check(self.mix_alpha is None or self.mix != "none", "mix_alpha", "None, as there is no mix")
        self._check(self.mix_alpha is None or self.mix_alpha > 0, "mix_alpha", "None or a number above 0")
        check_layers(self.graph_layers)
        self._check(
            _unfreezes(self.unfreeze), "unfreeze", "'all', layers (1, 2, ...), a share above 0, below 1, or a stage"
        )
        self._check(self.head_epochs + self.epochs > 0, "epochs", "1 or more in one of the phases")
        self._check(
            self.views > 0 or self.cache in (Recipe.cache, "none"), "cache", "'none', as there are no fixed views"
        )
        policy = self.policy()
        one_clean_view = self.stored_views == 1 and not policy.is_identity
        self._check(not one_clean_view, "stored_views", "0, or 2 or more, as the first one is the clean image")

    def policy(self) -> Policy:
        """The augmentation, ready to use.

        Raises:
            ValueError: an unknown policy, or an option that it does not have.
        """
        return make_policy(self.augment, magnitude=self.magnitude, operations=self.operations, share=self.share)

    def as_dict(self) -> dict[str, Any]:
        """The recipe as plain JSON values."""
        return asdict(self)

    def _check(self, good: bool, name: str, expected: str) -> None:
        if not good:
            raise ValueError(f"Expected {name} as {expected}; received {getattr(self, name)!r}.")


def _unfreezes(value: object) -> bool:
    if isinstance(value, str):
        return bool(value)
    return _is_count(value, 1) or (isinstance(value, float) and 0 < value < 1)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
