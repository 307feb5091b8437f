"""``Ensemble``: members and a rule, as one scikit-learn classifier of images."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self, overload

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.loading import with_validation
from zoo.data.targets import as_sources, is_array
from zoo.ensemble.classifier import ImageClassifier
from zoo.ensemble.fitting import fit_state
from zoo.ensemble.products import Products
from zoo.evaluation import scoring
from zoo.evaluation.abstention import Answers, answer
from zoo.evaluation.diversity import DiversityTable, diversity_of
from zoo.evaluation.per_class import per_class
from zoo.members.member import Member
from zoo.models.plan import Plan
from zoo.report.leaderboard import Leaderboard
from zoo.state import persistence
from zoo.utils.options import documented, option

if TYPE_CHECKING:
    import keras

    from zoo.data.loading import Source
    from zoo.data.targets import Labels
    from zoo.report.class_table import ClassTable
    from zoo.report.corruption_table import ShiftTable


@documented
@dataclass(eq=False, repr=False)
class Ensemble(Products, ImageClassifier):
    """Several members that predict as one; a scikit-learn classifier of images.

    Args:
    {options}

    Attributes:
        classes_: ``(classes,)`` the user's labels of the classes, or their names.
        state_: all that was learned, as one value; its parts are attributes too, such as ``members_``, ``rules_``,
            ``leaderboard_``, ``failures_``.

    Examples:
        >>> import numpy as np
        >>> from zoo import Ensemble, Recipe
        >>> images = np.repeat(np.arange(0, 240, 5, dtype=np.uint8), 8 * 8 * 3).reshape(48, 8, 8, 3)
        >>> labels = np.where(images.mean(axis=(1, 2, 3)) < 120, "dark", "bright")
        >>> ensemble = Ensemble(["simple_cnn"], recipe=Recipe(head_epochs=1, epochs=0)).fit(images, labels)
        >>> ensemble.predict_proba(images).shape
        (48, 2)
    """

    members: Sequence[str | Plan | Member | keras.Model] = option(
        help="backbone names, plans, members from :func:`zoo.build`, trained Keras models and fitted members, mixed. "
        "What is fitted is not fitted again. A name that comes twice gets another seed each time: "
        '``"mobilenet_v2 x3"`` is three of them.'
    )
    store: str | Path | None = option(
        None,
        help="folder that keeps members and logits, shared with other ensembles; by default one that goes with the "
        "process.",
        keyword=True,
    )

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
        """Train the members that are not fitted, and fit every rule on images that they were not trained on.

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
        self.check()
        unfitted = {name: self._new_rule(name) for name in ensembles.RULES}
        train, validation, labels = as_sources(train, validation)
        data = with_validation(train, validation, seed=self.seed)
        self._state = fit_state(self, self.members, self.store, data, labels, unfitted, callbacks)
        return self

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what :meth:`save` wrote; networks are read when they are first used.

        Raises:
            FileNotFoundError: no ensemble there.
            ValueError: files of another format, changed or cut.
        """
        folder = Path(path).expanduser().resolve()
        state, options = persistence.load(folder)
        ensemble = cls([member.name for member in state.members], store=folder, **options)
        ensemble._state = state
        return ensemble

    def save(self, path: str | Path) -> Path:
        """Write the ensemble with its members to a folder that can be moved; :meth:`load` reads it."""
        options = {name: getattr(self, name) for name in persistence.OPTIONS} | {"method": self.method_}
        return persistence.save(self.state_, options, Path(path).expanduser().resolve())

    def answer(
        self,
        images: Images | np.ndarray,
        *,
        abstain: float = 0.01,
        confidence: float | None = None,
        coverage: float = 0.95,
    ) -> Answers:
        """Predict, and say how unsure that is: classes, uncertainty, which are accepted, and sets of classes.

        Thresholds are chosen on the held-out images, each predicted by a copy of the rule that was fitted on others.
        What they promise holds for images like those: of shifted images nothing is promised.

        Args:
            images: ``(N, H, W, 3)`` uint8.
            abstain: the wanted share of errors among accepted predictions, above 0, below 1.
            confidence: keep that share on other images of the same kind with this probability, and accept fewer; by
                default the share among the held-out images is taken as it is. See
                :func:`ensembles.choose_abstention`.
            coverage: the wanted probability that a set of classes holds the true one; see :class:`ensembles.Conformal`.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            ValueError: shares that are not above 0 and below 1, or images of another size.
        """
        return answer(self.state_, images, abstain=abstain, confidence=confidence, coverage=coverage)

    def score(self, images: Source, labels: Labels | None = None) -> float:
        """Return the accuracy, 0 to 1, on labelled images: of several splits the test, else the validation.

        Labels of arrays are such as :meth:`fit` was given; after ``fit(images, labels)`` one that it did not see counts
        as an error. After a fit on another source they are class ids or names.
        """
        state = self.state_
        if state.targets.labels is not None and labels is not None and is_array(images):
            return float(super().score(images, labels))
        _, scored = scoring.to_score(state, images, labels)
        return ensembles.metrics.accuracy(state.logits(scored), scored.labels)

    def leaderboard(self, data: Source | None = None, *, shift: bool = False) -> Leaderboard:
        """Score every member and every rule.

        Args:
            data: anything that :func:`zoo.load` takes; of several splits the test is taken, else the validation. The
                table says how many of them the members were trained on and the rules fitted on. By default the held-out
                images; learned rules are scored on each row of these as fitted on the others.
            shift: score corrupted copies too, as :meth:`shift` does, and show both side by side.
        """
        state = self.state_
        board = state.leaderboard if data is None else scoring.score(state, *scoring.to_score(state, data))
        return board.with_shift(self.shift(data)) if shift else board

    def shift(self, data: Source | None = None, *, limit: int | None = None, seed: int = 0) -> ShiftTable:
        """Score every member and every rule on corrupted copies; see :mod:`zoo.augment.corruptions`.

        Args:
            data: as of :meth:`leaderboard`; an ensemble that was loaded has no images of its own.
            limit: score a stratified choice of so many images.
            seed: 0 or more, of the choice and the corruptions.

        Raises:
            ValueError: no images given to a loaded ensemble, or a limit below one image a class.
        """
        from zoo.evaluation.robustness import validate

        state = self.state_
        return validate(state, *scoring.to_score(state, data), limit=limit, seed=seed)

    def per_class(self, data: Source | None = None) -> ClassTable:
        """Say how well the rule that predicts tells each class, with intervals; ``data`` as of :meth:`leaderboard`."""
        state = self.state_
        return per_class(state, *scoring.to_score(state, data))

    def diversity(self) -> DiversityTable:
        """Say how members differ and what each is worth, on the held-out images."""
        return diversity_of(self.state_)

    def _new_rule(self, name: str) -> ensembles.Rule:
        """Make an unfitted rule of a name; the user's own where it has that name."""
        own = self.method
        rule = deepcopy(own) if not isinstance(own, str) and own.name == name else ensembles.make_rule(name)
        return ensembles.calibrated(rule, self.member_calibration, self.calibration)
