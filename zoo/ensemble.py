"""``Ensemble``: members and a rule, tied together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, overload

import numpy as np

import ensembles
from zoo import persistence, scoring
from zoo.answers import Answers, answer, check_uncertainty
from zoo.classifier import ImageClassifier
from zoo.data.images import Images, Splits
from zoo.data.prepare import with_validation
from zoo.data.targets import Targets, as_sources, is_array
from zoo.entrants import Defaults, enter
from zoo.evidence import evidence_of
from zoo.familiarity import DISTANCE, learn_familiarity
from zoo.gathering import gather
from zoo.head import Head
from zoo.leaderboard import Leaderboard
from zoo.making import Making
from zoo.member import Member
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.scratch import folder_or_scratch
from zoo.seen import seen_in
from zoo.store import Store
from zoo.weights import Weights

if TYPE_CHECKING:
    import keras

    from zoo.data.sources import Source
    from zoo.data.targets import Labels
    from zoo.distillation import Distilled
    from zoo.shift import ShiftTable


class Ensemble(ImageClassifier):
    """Several members that answer as one; a scikit-learn classifier of images.

    Args:
        members: backbone names, plans, members from :func:`zoo.build`, trained Keras models and fitted members,
            mixed. What is fitted is not fitted again. A name that comes twice gets another seed each time:
            ``"mobilenet_v2 x3"`` is three of them.
        method: the rule that answers, one of ``ensembles.RULES``. All are fitted, so it can be changed
            afterwards by assignment.
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
        gains_: by member, what views changed; of an ensemble that was loaded none.
        leaderboard_: scores on the images that the rules were fitted on.
        familiarity_: what tells distances from the training images, or None.
        train_: the images that members learned from; an ensemble that was loaded has none.
        validation_: the validation images, likewise.
    """

    def __init__(
        self,
        members: Sequence[str | Plan | Member | keras.Model],
        *,
        method: str = "soft",
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
        self._new_rule(self.method)
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

    def predict(self, images: Images | np.ndarray) -> np.ndarray:
        """Answer ``(N,)`` for uint8 images ``(N, H, W, 3)``: the user's labels, or class ids.

        After ``fit(images, labels)`` elements of ``classes_``, in the labels' dtype. After a fit on a folder, a file, a
        dataset or splits class ids int64, places in ``classes_``, which is what a submission answers always.
        """
        ids = self.logits(images).argmax(axis=1)
        return self.targets_.answers(ids)

    def predict_proba(self, images: Images | np.ndarray) -> np.ndarray:
        """Answer with probabilities ``(N, classes)`` float32, a column for each of ``classes_``."""
        return ensembles.metrics.softmax(self.logits(images))

    def logits(self, images: Images | np.ndarray) -> np.ndarray:
        """Answer with the rule's logits ``(N, classes)`` float32.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            ValueError: images of another size than in training.
        """
        self._check_fitted()
        return self.rule_.combine(self.member_logits(images))

    def member_logits(self, images: Images | np.ndarray) -> np.ndarray:
        """Answer with every member's logits ``(members, N, classes)`` float32; raises as :meth:`logits`."""
        self._check_fitted()
        return np.stack([member.logits(images) for member in self.members_])

    def answer(
        self,
        images: Images | np.ndarray,
        *,
        abstain: float = 0.01,
        confidence: float | None = None,
        coverage: float = 0.95,
    ) -> Answers:
        """Answer, and say how unsure that is: classes, uncertainty, who is accepted, and sets of classes.

        Thresholds are chosen by the images that the rules were fitted on, each answered by a copy of the rule that was
        fitted on others. What they promise holds for images like those: of shifted images nothing is promised.

        Args:
            images: ``(N, H, W, 3)`` uint8.
            abstain: the wanted share of errors among accepted answers, above 0, below 1.
            confidence: keep that share on other images of the same kind with this probability, and accept fewer; by
                default the share among the images at hand is taken at its word. See
                :func:`ensembles.choose_abstention`.
            coverage: the wanted probability that a set of classes holds the true one; see :class:`ensembles.Conformal`.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            ValueError: shares that are not above 0 and below 1, or images of another size.
        """
        self._check_fitted()
        return answer(self, images, abstain=abstain, confidence=confidence, coverage=coverage)

    def score(self, images: Source, labels: Labels | None = None) -> float:
        """Return the accuracy, 0 to 1, on labelled images: of several splits the test, else the validation.

        Labels of arrays are such as :meth:`fit` was given; after ``fit(images, labels)`` one that it did not see counts
        as an error. After a fit on another source they are class ids or names.
        """
        self._check_fitted()
        if self.targets_.labels is not None and labels is not None and is_array(images):
            return float(super().score(images, labels))
        _, scored = scoring.to_score(self, images, labels)
        return ensembles.metrics.accuracy(self.logits(scored), scored.labels)

    def leaderboard(self, data: Source | None = None, *, shift: bool = False) -> Leaderboard:
        """Score every member and every rule.

        Args:
            data: anything that :func:`zoo.load` takes; of several splits the test is taken, else the validation. The
                table says how many of them the members were trained on and the rules fitted on. By default the
                images that the rules were fitted on; learned rules answer each row of these as fitted on the others.
            shift: score corrupted copies too, as :meth:`shift` does, and show both side by side.
        """
        self._check_fitted()
        board = self.leaderboard_ if data is None else scoring.score(self, *scoring.to_score(self, data))
        return board.with_shift(self.shift(data)) if shift else board

    def shift(self, data: Source | None = None, *, limit: int | None = None, seed: int = 0) -> ShiftTable:
        """Score every member and every rule on corrupted copies: 11 kinds at 5 severities, see :mod:`zoo.shift`.

        Args:
            data: as of :meth:`leaderboard`; an ensemble that was loaded has no images of its own.
            limit: score a stratified choice of so many images.
            seed: 0 or more, of the choice and the corruptions.

        Raises:
            ValueError: no images given to a loaded ensemble, or a limit below one image a class.
        """
        from zoo.shift.validation import validate

        self._check_fitted()
        return validate(self, *scoring.to_score(self, data), limit=limit, seed=seed)

    @property
    def rule_(self) -> ensembles.Rule:
        """The fitted rule of ``method``; raises as :meth:`rule`."""
        return self.rule(self.method)

    def rule(self, method: str) -> ensembles.Rule:
        """Return one of the fitted rules.

        Raises:
            ValueError: an unknown method, or one whose fit failed.
        """
        ensembles.make_rule(method)
        if method not in self.rules_:
            raise ValueError(f"The rule {method!r} could not be fitted: {self.failures_[method]}")
        return self.rules_[method]

    def export(self, path: str | Path, *, method: str | None = None, uncertainty: bool = False) -> Path:
        """Write the ensemble as one SavedModel: uint8 ``images`` in, ``logits`` and ``probabilities`` out.

        It is opened again in a fresh process and compared with this ensemble before it takes its place.

        Args:
            path: the folder to write; what was there is replaced.
            method: the rule to write; by default the ensemble's.
            uncertainty: answer with ``uncertainty`` too, ``(N,)`` float32. The thresholds for some wanted shares of
                errors are in the folder's ``manifest.json``.

        Raises:
            zoo.export.ExportError: the written model answers differently.
        """
        from zoo.export import export

        self._check_fitted()
        return export(self, Path(path).expanduser(), method or self.method, uncertainty=uncertainty)

    def submission(self, path: str | Path, *, method: str | None = None) -> Path:
        """Write a zip of ``model.py`` and the SavedModel, whose ``predict(X)`` needs TensorFlow and NumPy alone.

        Raises:
            zoo.export.ExportError: the submission answers differently in a clean interpreter.
        """
        from zoo.submission import write_submission

        self._check_fitted()
        return write_submission(self, Path(path).expanduser(), method or self.method)

    def distill(
        self,
        student: str | Plan,
        data: Source | None = None,
        *,
        recipe: Recipe | None = None,
        views: int = 8,
        share: float = 0.7,
        temperature: float = 1.0,
    ) -> Distilled:
        """Train one network on what this ensemble says, beside the labels, and say what of the gain it kept.

        The same network is trained without the ensemble too, by the same recipe, to compare with; where it is a member
        already it is found.

        Args:
            student: a backbone's name, or a plan.
            data: what to learn from, anything that :func:`zoo.load` takes; by default the images of the fit, which an
                ensemble that was loaded does not have.
            recipe: how to train; by default this ensemble's.
            views: fixed views of each image that the student learns from, the first one clean. The ensemble answers
                each of them once, which takes as long as it takes to predict so many times the images.
            share: of what the student learns, the ensemble's probabilities, above 0, up to 1; the rest are the labels.
            temperature: by which the ensemble's logits are divided before they are probabilities, above 0.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            RuntimeError: the student could not be trained; the message has the reason.
            ValueError: options outside of these, or no images given to a loaded ensemble.
        """
        from zoo.distillation import distill

        self._check_fitted()
        chosen = recipe or self.recipe or Recipe()
        several = 0 if chosen.policy().is_identity else views
        chosen = replace(chosen, views=min(chosen.views, views) or views, stored_views=several)
        return distill(self, student, self._to_learn(data), chosen, share=share, temperature=temperature)

    def save(self, path: str | Path) -> Path:
        """Write the ensemble with its members to a folder that can be moved; :meth:`load` reads it."""
        self._check_fitted()
        return persistence.save(self, Path(path).expanduser().resolve())

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

    def _to_learn(self, data: Source | None) -> Splits:
        if data is not None:
            return with_validation(data, None, seed=self.seed)
        if not hasattr(self, "train_"):
            raise ValueError(
                "Expected images to learn from; an ensemble that was loaded has none of its own. Pass some."
            )
        return Splits(self.train_, self.validation_)

    def _new_rule(self, name: str) -> ensembles.Rule:
        return ensembles.calibrated(ensembles.make_rule(name), self.member_calibration, self.calibration)
