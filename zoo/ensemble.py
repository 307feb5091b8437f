"""``Ensemble``: members and a rule, tied together."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Self, overload

import numpy as np

import ensembles
from zoo import persistence
from zoo.answers import check_uncertainty
from zoo.data.images import Images, Splits
from zoo.data.prepare import with_validation
from zoo.data.targets import Targets, as_sources
from zoo.evidence import evidence_of
from zoo.familiarity import DISTANCE, learn_familiarity
from zoo.fitted import FittedEnsemble
from zoo.making.entrants import Defaults, enter
from zoo.making.gathering import gather
from zoo.making.members import Making
from zoo.member import Member
from zoo.network.head import Head
from zoo.network.weights import Weights
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.report import scoring
from zoo.scratch import folder_or_scratch
from zoo.seen import seen_in
from zoo.store import Store

if TYPE_CHECKING:
    import keras

    from zoo.data.sources import Source
    from zoo.data.targets import Labels


class Ensemble(FittedEnsemble):
    """Several members that answer as one; a scikit-learn classifier of images.

    Args:
        members: backbone names, plans, members from :func:`zoo.build`, trained Keras models and fitted members,
            mixed. What is fitted is not fitted again. A name that comes twice gets another seed each time:
            ``"mobilenet_v2 x3"`` is three of them.
        method: the rule that answers, one of ``ensembles.RULES``, or an unfitted rule with options of its own, such as
            ``ensembles.Weighted(weights=[0.5, 0.3, 0.2])``. All are fitted, so it can be changed afterwards by
            assignment.
        calibration: of the rule's answer, ``temperature`` (which leaves every prediction as it is), ``vector`` or
            ``none``, fitted on the validation images.
        member_calibration: of each member before the rule, likewise.
        recipe: how to train the members that are not.
        head: of the members given by name.
        weights: pretrained weights of the members given by name.
        weights_dir: folder of weights files.
        folds: divide the training images into so many, 2 or more: of every member there is a network for each fold,
            trained without it, and rules are fitted on what these say of the images that they did not learn from, which
            are all. Validation images then choose the epochs only. 0 for one network, and rules that are fitted on the
            validation images.
        refit: with folds, train one more network on all of them, which is the member; by default that is the mean of
            the folds' networks.
        snapshots: make so many members of every one that is trained, from one training in as many cycles: the recipe's
            fine-tuning is repeated from where it ended, and each time's best epoch is a member.
        views: let members answer with the mean over the image's ``flips``, or flips and quarter turns (``d4``), each
            member only if that surely helps on images that it did not learn from; or ``none``.
        uncertainty: how unsure an answer is, for :meth:`answer` and exports: one of ``ensembles.uncertainty.SCORES`` or
            ``distance`` from the training images in the feature space of the first member that has one.
        store: folder that keeps members and logits, shared with other ensembles; by default one that goes with
            the process.
        jobs: members to train at a time, each in a process of its own.
        seed: of splits, weights, order and augmentation.

    Attributes:
        members_: the members that can answer.
        failures_: by name, the reason of each that cannot.
        classes_: ``(classes,)`` the labels as :meth:`fit` was given them with an array of images, else the classes'
            names; in the order of the class ids.
        class_names_: the classes' names, a string each.
        rules_: the fitted rules by name.
        evidence_: the logits that the rules were fitted on.
        gains_: by member, what views changed, by which they were taken or left.
        leaderboard_: scores on the images that the rules were fitted on.
        familiarity_: what tells distances from the training images, or None.
        train_: the images that members learned from; an ensemble that was loaded has none.
        validation_: the validation images, likewise.
    """

    def __init__(
        self,
        members: Sequence[str | Plan | Member | keras.Model],
        *,
        method: str | ensembles.Rule = "soft",
        calibration: str = "temperature",
        member_calibration: str = "none",
        recipe: Recipe | None = None,
        head: Head | None = None,
        weights: Weights = "auto",
        weights_dir: str | Path | None = None,
        folds: int = 0,
        refit: bool = False,
        snapshots: int = 1,
        views: str = "none",
        uncertainty: str = "entropy",
        store: str | Path | None = None,
        jobs: int = 1,
        seed: int = 0,
    ) -> None:
        self.members = members
        self.method = method
        self.calibration = calibration
        self.member_calibration = member_calibration
        self.recipe = recipe
        self.head = head
        self.weights = weights
        self.weights_dir = weights_dir
        self.folds = folds
        self.refit = refit
        self.snapshots = snapshots
        self.views = views
        self.uncertainty = uncertainty
        self.store = store
        self.jobs = jobs
        self.seed = seed

    @overload
    def fit(
        self, train: Source, validation: Source | None = None, *, callbacks: Sequence[keras.callbacks.Callback] = ()
    ) -> Self: ...

    @overload
    def fit(
        self, images: np.ndarray, labels: Labels, /, *, callbacks: Sequence[keras.callbacks.Callback] = ()
    ) -> Self: ...

    def fit(
        self,
        train: Source,
        validation: Source | Labels | None = None,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
    ) -> Self:
        """Train the members that are not, and fit every rule on images that they did not learn from.

        Either ``fit(train, validation)`` on sources of labelled images, or ``fit(images, labels)`` as scikit-learn
        calls it. A bare array has no labels of its own, so what follows it are its labels, not images to validate with.

        Args:
            train: anything that :func:`zoo.load` takes alone; its own validation split is used where it has one. Or
                images ``(N, H, W, 3)`` uint8 of 0 to 255.
            validation: a source likewise; by default a stratified fifth of ``train`` is held out. Or the labels
                ``(N,)`` of an array: whole numbers of any values, strings or bools; then too a fifth is held out.
            callbacks: Keras callbacks, passed on to every member. They watch and do not steer: they are no part of
                what a member is kept under.

        Raises:
            TypeError: a source where an array's labels should be.
            ValueError: data or members that do not fit, an unknown method or calibration.
            RuntimeError: every member failed; the message has the reasons.
        """
        self._new_rule(self.method_)
        check_uncertainty(self.uncertainty, self.folds)
        train, validation, labels = as_sources(train, validation)
        data = with_validation(train, validation, seed=self.seed)
        self.store_ = Store(folder_or_scratch(self.store))
        self.targets_ = Targets(data.classes, labels)
        self.image_size_, self.seen_ = data.train.image_size, seen_in(data, self.folds)
        self.train_, self.validation_ = data.train, data.to_validate()
        held_out = self._fit_members(data, callbacks)
        unfitted = {name: self._new_rule(name) for name in ensembles.RULES}
        self.rules_, failures = scoring.fit_rules(unfitted, self.evidence_)
        self.failures_ |= failures
        scoring.measure_speeds(self, held_out)
        self.leaderboard_ = scoring.score(self, "", held_out)
        return self

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what :meth:`save` wrote; networks are read when they are first used.

        Raises:
            FileNotFoundError: no ensemble there.
            ValueError: files of another format, changed or cut.
        """
        return persistence.load(cls, Path(path).expanduser().resolve())

    def _fit_members(self, data: Splits, callbacks: Sequence[keras.callbacks.Callback]) -> Images:
        """Gather the members, and return the images that say how good they are."""
        defaults = Defaults(self.head or Head(), self.weights, self.weights_dir, self.seed)
        making = Making(
            recipe=self.recipe or Recipe(),
            folds=self.folds,
            refit=self.refit,
            snapshots=self.snapshots,
            views=self.views,
            processes=self.jobs,
            seed=self.seed,
        )
        found = gather(enter(self.members, defaults, data.train), making, data, self.store_, callbacks=callbacks)
        self.members_, self.keys_, self.failures_ = found.members, found.keys, found.failures
        self.gains_ = found.gains
        wanted = self.uncertainty == DISTANCE
        self.familiarity_ = learn_familiarity(self.members_, data.train, found.held_out.images) if wanted else None
        self.evidence_ = evidence_of(found.held_out.images, found.logits, self.folds)
        return found.held_out.images

    def _new_rule(self, name: str) -> ensembles.Rule:
        """Make an unfitted rule of a name; the user's own where it has that name."""
        own = self.method
        rule = deepcopy(own) if not isinstance(own, str) and own.name == name else ensembles.make_rule(name)
        return ensembles.calibrated(rule, self.member_calibration, self.calibration)
