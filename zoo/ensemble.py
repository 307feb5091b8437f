"""``Ensemble``: members and a rule, tied together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self, overload

import numpy as np

import ensembles
from zoo import persistence, scoring
from zoo.classifier import ImageClassifier
from zoo.data.images import Images, Splits
from zoo.data.prepare import with_validation
from zoo.data.targets import Targets, as_sources, is_array
from zoo.entrants import Defaults, enter
from zoo.gathering import gather
from zoo.head import Head
from zoo.leaderboard import Leaderboard
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
        leaderboard_: scores on the validation images.
        validation_: these images; an ensemble that was loaded has none.
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
        """Train the members that are not, and fit every rule on the validation images.

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
        train, validation, labels = as_sources(train, validation)
        data = with_validation(train, validation, seed=self.seed)
        self.store_ = Store(folder_or_scratch(self.store))
        self.targets_ = Targets(data.classes, labels)
        self.image_size_, self.seen_ = data.train.image_size, seen_in(data)
        self._fit_members(data, callbacks)
        self.validation_ = data.to_validate()
        unfitted = {name: self._new_rule(name) for name in ensembles.RULES}
        self.rules_, failures = scoring.fit_rules(self, unfitted, self.validation_)
        self.failures_ |= failures
        self.leaderboard_ = scoring.score(self, "validation", self.validation_)
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
        return self.rule_.combine(np.stack([member.logits(images) for member in self.members_]))

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
                validation images of the fit; on these, learned rules answer each row as fitted on the others.
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

    def export(self, path: str | Path, *, method: str | None = None) -> Path:
        """Write the ensemble as one SavedModel: uint8 ``images`` in, ``logits`` and ``probabilities`` out.

        It is opened again in a fresh process and compared with this ensemble before it takes its place.

        Raises:
            zoo.export.ExportError: the written model answers differently.
        """
        from zoo.export import export

        self._check_fitted()
        return export(self, Path(path).expanduser(), method or self.method)

    def submission(self, path: str | Path, *, method: str | None = None) -> Path:
        """Write a zip of ``model.py`` and the SavedModel, whose ``predict(X)`` needs TensorFlow and NumPy alone.

        Raises:
            zoo.export.ExportError: the submission answers differently in a clean interpreter.
        """
        from zoo.submission import write_submission

        self._check_fitted()
        return write_submission(self, Path(path).expanduser(), method or self.method)

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

    def _fit_members(self, data: Splits, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        defaults = Defaults(self.head or Head(), self.weights, self.weights_dir, self.seed)
        entrants, recipe = enter(self.members, defaults, data.train), self.recipe or Recipe()
        found = gather(entrants, recipe, data, self.store_, processes=self.jobs, callbacks=callbacks)
        self.members_, self.keys_, self.failures_ = found.members, found.keys, found.failures

    def _new_rule(self, name: str) -> ensembles.Rule:
        return ensembles.calibrated(ensembles.make_rule(name), self.member_calibration, self.calibration)
