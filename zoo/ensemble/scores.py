"""How good a fitted ensemble is, and how sure of a prediction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.source import are_paths
from zoo.data.targets import is_array
from zoo.evaluation import scoring
from zoo.evaluation.abstention import Answers, answer, answer_rows
from zoo.evaluation.cautions import caution_of_groups, warn_of
from zoo.evaluation.diversity import DiversityTable, diversity_of
from zoo.evaluation.neighbours import NeighboursTable, neighbours_of
from zoo.evaluation.per_class import confusions, per_class
from zoo.report.leaderboard import Leaderboard

if TYPE_CHECKING:
    from zoo.data.loading import Source
    from zoo.data.targets import Labels
    from zoo.report.class_table import ClassTable, ConfusionTable
    from zoo.report.corruption_table import ShiftTable
    from zoo.state.state import EnsembleState


class ScoreMixin:
    """To be mixed into a classifier that has a ``state_`` and ``logits``; :class:`zoo.Ensemble` is one."""

    state_: EnsembleState
    if TYPE_CHECKING:

        def logits(self, images: Images | np.ndarray) -> np.ndarray:
            """Predict, as the classifier does."""

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

        Labels are such as :meth:`predict` returns, or the classes' names, wherever they come from; what may mean one
        class or another is refused. After ``fit(images, labels)`` a label that it did not see counts as an error.
        Where images are of groups, such as patients, that members were trained on, a warning is logged.
        """
        state = self.state_
        if state.targets.labels is not None and labels is not None and is_array(images) and not are_paths(images):
            predicted = self.logits(np.asarray(images)).argmax(axis=1)
            return float(np.mean(predicted == state.targets.ids(labels, len(predicted))))
        _, scored = scoring.to_score(state, images, labels)
        warn_of(filter(None, [caution_of_groups(state, scored)]))
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

    def shift(
        self,
        data: Source | None = None,
        *,
        limit: int | None = None,
        seed: int = 0,
        copies: str | Path | None = None,
    ) -> ShiftTable:
        """Score every member and every rule on corrupted copies; see :mod:`zoo.augment.corruptions`.

        Args:
            data: as of :meth:`leaderboard`, but by default the validation images, which members were not trained on
                with folds either; an ensemble that was loaded has no images of its own.
            limit: score a stratified choice of so many images.
            seed: 0 or more, of the choice and the corruptions.
            copies: a folder of copies of these images that another suite wrote, such as MedMNIST-C; see
                :class:`zoo.evaluation.WrittenCopies`.

        Raises:
            FileNotFoundError: no copies in the folder.
            ValueError: no images given to a loaded ensemble, the training images of folds, a limit below one image a
                class, or copies of others.
        """
        from zoo.evaluation.robustness import validate
        from zoo.evaluation.written_copies import WrittenCopies

        split, images = scoring.to_corrupt(self.state_, data)
        written = None if copies is None else WrittenCopies(Path(copies), images)
        return validate(self.state_, split, images, limit=limit, seed=seed, copies=written)

    def per_class(self, data: Source | None = None) -> ClassTable:
        """Say how well the rule that predicts tells each class, with intervals; ``data`` as of :meth:`leaderboard`."""
        state = self.state_
        return per_class(state, *scoring.to_score(state, data))

    def confusions(self, data: Source | None = None) -> ConfusionTable:
        """Say which classes are taken for which, the most confused first; ``data`` as of :meth:`leaderboard`."""
        state = self.state_
        return confusions(state, *scoring.to_score(state, data))

    def answered(self, data: Source | None = None) -> list[dict[str, Any]]:
        """The answer for each image beside its label; ``data`` as of :meth:`leaderboard`.

        Returns:
            A row an image: ``path`` and ``label``, the answer as :func:`zoo.predict` writes it (``class``,
            ``class_id``, ``probability_CLASS`` for each class, ``uncertainty``), and ``right``: it is the label.
        """
        state = self.state_
        return answer_rows(state, scoring.to_score(state, data)[1])

    def diversity(self) -> DiversityTable:
        """Say how members differ and what each is worth, on the held-out images."""
        return diversity_of(self.state_)

    def neighbours(self, data: Source | None = None, *, k: int | None = None) -> NeighboursTable:
        """Ask the nearest training images, in each member's features, for the classes of others.

        A probe is compared so with the features that it was fitted on, and a tuned member with its own. A tuned member
        knows its training images, so its k is chosen on images that are too easy.

        Args:
            data: anything that :func:`zoo.load` takes, with training images and others: of these the test is asked,
                else the validation. By default the images of the fit.
            k: how many neighbours vote; by default the best of 1, 3, 5, 10, 20 and 50 in folds of the training images.

        Returns:
            A table with a row a member, whose ``nearest`` lists the neighbours of each image with their files.

        Raises:
            ValueError: a loaded ensemble without data, one set of images only, or no member with features.
        """
        return neighbours_of(self.state_, data, k)
