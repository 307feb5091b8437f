"""What a fitted ensemble can be asked: answers, scores, and what others run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import ensembles
from zoo import persistence
from zoo.answers import Answers, answer
from zoo.classifier import ImageClassifier
from zoo.data.images import Images, Splits
from zoo.data.prepare import with_validation
from zoo.data.targets import is_array
from zoo.evidence import Evidence
from zoo.familiarity import Familiarity
from zoo.member import Member
from zoo.network.head import Head
from zoo.network.weights import Weights
from zoo.plan import Plan
from zoo.recipe import Recipe
from zoo.report import scoring
from zoo.report.diversity import DiversityTable, diversity_of
from zoo.report.leaderboard import Leaderboard
from zoo.seen import Seen
from zoo.store import Store

if TYPE_CHECKING:
    from zoo.data.sources import Source
    from zoo.data.targets import Labels
    from zoo.distillation import Distilled
    from zoo.shift import ShiftTable


class FittedEnsemble(ImageClassifier):
    """Members, rules and what they were fitted on; :class:`zoo.Ensemble` fits it and tells what each of them is."""

    method: str | ensembles.Rule
    uncertainty: str
    recipe: Recipe | None
    head: Head | None
    weights: Weights
    weights_dir: str | Path | None
    seed: int
    store_: Store
    members_: list[Member]
    keys_: list[str]
    failures_: dict[str, str]
    image_size_: tuple[int, int]
    rules_: dict[str, ensembles.Rule]
    evidence_: Evidence
    familiarity_: Familiarity | None
    seen_: Seen
    leaderboard_: Leaderboard
    train_: Images
    validation_: Images

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

    def diversity(self) -> DiversityTable:
        """Say how members differ and what each is worth, on the images that the rules were fitted on.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
        """
        self._check_fitted()
        return diversity_of(self)

    @property
    def method_(self) -> str:
        """The name of the rule that answers."""
        return self.method if isinstance(self.method, str) else self.method.name

    @property
    def rule_(self) -> ensembles.Rule:
        """The fitted rule that answers; raises as :meth:`rule`."""
        return self.rule(self.method_)

    def rule(self, method: str) -> ensembles.Rule:
        """Return one of the fitted rules.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            ValueError: an unknown method, or one whose fit failed.
        """
        self._check_fitted()
        ensembles.make_rule(method)
        if method not in self.rules_:
            raise ValueError(f"The rule {method!r} could not be fitted: {self.failures_[method]}")
        return self.rules_[method]

    def export(
        self,
        path: str | Path,
        *,
        method: str | None = None,
        uncertainty: bool = False,
        format: str = "saved_model",
        storage: str = "float32",
        calibration: np.ndarray | None = None,
    ) -> Path:
        """Write the ensemble as one graph: uint8 ``images`` in, ``logits`` and ``probabilities`` out.

        It is opened again in a fresh process and compared with this ensemble before it takes its place. Beside it
        lies ``manifest.json``: classes, input, versions, the rule's row of the leaderboard, and the files' hashes.

        Args:
            path: the folder to write; what was there is replaced.
            method: the rule to write; by default the ensemble's.
            uncertainty: answer with ``uncertainty`` too, ``(N,)`` float32. The thresholds for some wanted shares of
                errors are in the manifest.
            format: ``saved_model`` (with a second signature, ``top_k``), ``onnx`` or ``litert``, which are extras.
            storage: of the weights: ``float32``; ``float16`` (SavedModel, LiteRT), half the bytes; ``int8`` (LiteRT), a
                quarter, which computes with whole numbers too.
            calibration: for ``int8``, some hundred images ``(n, H, W, 3)`` uint8 like those to come.

        Raises:
            ImportError: an extra that is not installed.
            ValueError: a format or storage that there is not, or int8 without images.
            zoo.export.ExportError: what was written answers differently: a probability by more than 1e-4 (``float16``:
                0.02), or another class for more than one in twenty of the images of ``int8``.
        """
        from zoo.export import export

        self._check_fitted()
        return export(
            self,
            Path(path).expanduser(),
            method or self.method_,
            uncertainty=uncertainty,
            format=format,
            storage=storage,
            calibration=calibration,
        )

    def submission(self, path: str | Path, *, method: str | None = None) -> Path:
        """Write a zip of ``model.py`` and the SavedModel, whose ``predict(X)`` needs TensorFlow and NumPy alone.

        Raises:
            zoo.export.ExportError: the submission answers differently in a clean interpreter.
        """
        from zoo.submission import write_submission

        self._check_fitted()
        return write_submission(self, Path(path).expanduser(), method or self.method_)

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

    def _to_learn(self, data: Source | None) -> Splits:
        if data is not None:
            return with_validation(data, None, seed=self.seed)
        if not hasattr(self, "train_"):
            raise ValueError(
                "Expected images to learn from; an ensemble that was loaded has none of its own. Pass some."
            )
        return Splits(self.train_, self.validation_)
