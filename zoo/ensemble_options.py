"""The options of an ensemble, from which :class:`zoo.Ensemble`, TOML files and the command line are made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import ensembles
from ensembles.beforehand import check_own_options
from zoo.models.head import Head
from zoo.models.pretrained import Weights
from zoo.training.recipe import Recipe
from zoo.utils.option_fields import as_plain_numbers, check_options, option
from zoo.utils.text import AnySize, seconds_of, suggestion

PRESET = "balanced"  # where nothing says which
DISTANCE = "distance"  # the uncertainty that is of the images themselves
MUTUAL = "mutual_information"  # the uncertainty that is between members, and 0 for one alone
UNCERTAINTIES = (*ensembles.uncertainty.SCORES, DISTANCE)


@dataclass(kw_only=True, eq=False, repr=False)
class EnsembleOptions:
    """What an ensemble is made with, beside its members and its store."""

    method: str | ensembles.Rule = option(
        "auto",
        help="the rule that predicts, one of ``ensembles.RULES``, or an unfitted rule with options of its own, "
        "such as ``ensembles.Weighted(weights=[0.5, 0.3, 0.2])``. All names are fitted, so another one can be "
        "assigned afterwards. ``auto`` is equal weights, unless the held-out images show that another rule is "
        "surely better; it logs what it chose and why.",
        short=f"{', '.join(ensembles.RULES)}; by default the file's, or auto.",
    )
    calibration: str = option(
        "temperature",
        help="of the rule's logits, ``temperature`` (which leaves every class as it is), ``vector`` or "
        "``none``, fitted on the held-out images.",
        short="Of the rule's logits: temperature, vector or none.",
    )
    member_calibration: str = option(
        "none",
        help="of each member before the rule, likewise.",
        short="Of each member before the rule, likewise.",
    )
    recipe: Recipe | None = option(None, help="how to train the members that are not fitted.")
    head: Head | None = option(None, help="of the members given by name.")
    weights: Weights = option(
        "auto",
        help="pretrained weights of the members given by name: ``auto``, ``imagenet``, a file, a folder, or None.",
        short="auto, imagenet, none or a path, for members that do not say.",
    )
    weights_dir: str | Path | None = option(
        None, help="folder of weights files.", short="Folder of pretrained weights; or set ZOO_WEIGHTS."
    )
    resize: AnySize | None = option(
        None,
        help="size inside the graph of the members given by name, as from 96 to 224: a side, or ``(height, width)``. "
        "None keeps the images' own, or lets the preset choose.",
        short="Side inside the graph in pixels, or HEIGHTxWIDTH, or none.",
    )
    high_pass: bool = option(
        False,
        help="put the fixed high-pass filter before the backbones of the members given by name.",
        short="The filter before the backbone.",
    )
    folds: int = option(
        0,
        help="number of parts of the training images, 2 or more: each member has one network for each part, trained on "
        "the others. Rules are fitted on all training images, each predicted by the network that was trained without "
        "it, and validation images choose the epochs only. 0 for one network a member, and rules that are fitted on "
        "the validation images.",
        short="Number of folds: one network of each member for each, trained without it.",
        least=0,
    )
    refit: bool = option(
        False,
        help="with folds, train one more network on all of them, which is the member; by default that is the "
        "mean of the folds' networks.",
        short="With --folds: a network trained on all folds predicts, not their mean.",
    )
    snapshots: int = option(
        1,
        help="make so many members of every one that is trained, from one training in as many cycles: the "
        "recipe's fine-tuning is repeated from where it ended, and each time's best epoch is a member.",
        short="Members of every backbone, from one training in so many cycles.",
        least=1,
    )
    views: Literal["none", "flips", "d4"] = option(
        "none",
        help="let members predict the mean over the image's ``flips``, or flips and quarter turns (``d4``), "
        "each member only if that surely helps on held-out images; or ``none``.",
        short="Predict the mean over an image's flips or d4, where it helps; or none.",
    )
    uncertainty: str = option(
        "entropy",
        help="how unsure a prediction is, for :meth:`answer` and exports: one of "
        "``ensembles.uncertainty.SCORES``, or ``distance`` from the training images in the features of "
        "the first member that has some.",
        short=f"Of a prediction: {', '.join(UNCERTAINTIES)}.",
    )
    jobs: int = option(
        1,
        help="members to train at a time, each in a process of its own.",
        short="Members to train at a time, each in its own process.",
        least=1,
    )
    preset: Literal["fast", "balanced", "best"] | None = option(
        None,
        help="chooses members, epochs, the images' size inside the networks, folds and views by the images, the "
        "machine and the weights that can be had: ``fast`` solves the head on frozen features, ``balanced`` fine-tunes "
        "three members, ``best`` five. Options are kept that you set to other values than their defaults.",
        short="Choose members, epochs, sizes, folds and views.",
    )
    time_limit: int | float | str | None = option(
        None,
        help='end after so many seconds, or ``"30m"``, ``"1h30m"``: a usable ensemble first, better ones while time is '
        "left. Members and epochs are those of the preset, ``balanced`` by default, or fewer.",
        short="End after so long, such as 30m; a usable ensemble comes first.",
        flag="--time",
    )
    seed: int = option(0, help="of splits, weights, order and augmentation.", short="Of everything random.", least=0)

    def check(self) -> None:
        """Check what can be checked before there are images.

        Raises:
            ValueError: an option of a wrong type or outside of its limits, an unknown method, calibration or
                uncertainty, or one that does not fit the folds.
        """
        as_plain_numbers(self)
        check_options(self, EnsembleOptions)
        ensembles.calibrated(ensembles.make_rule(self.method_name), self.member_calibration, self.calibration)
        if not isinstance(self.method, str):
            check_own_options(self.method)
        self._check_uncertainty()
        if self.time_limit is not None:
            seconds_of(self.time_limit)

    @property
    def method_name(self) -> str:
        """The name of the rule that predicts."""
        return self.method if isinstance(self.method, str) else self.method.name

    def _check_uncertainty(self) -> None:
        known = UNCERTAINTIES if self.folds == 0 else ensembles.uncertainty.SCORES
        if self.uncertainty not in known:
            why = f", which folds={self.folds} leave no images for" if self.uncertainty == DISTANCE else ""
            raise ValueError(
                f"Expected uncertainty as one of {', '.join(known)}; received {self.uncertainty!r}{why}. "
                f"{suggestion(self.uncertainty, known)}"
            )
