"""What is made of a fitted ensemble: one exported graph, a submission, a student."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.loading import with_validation
from zoo.ensemble_options import EnsembleOptions
from zoo.members.entrants import by_name, defaults_of
from zoo.models.plan import Plan
from zoo.training.recipe import Recipe
from zoo.utils.named_paths import destination

if TYPE_CHECKING:
    from zoo.data.images import Images, Splits
    from zoo.data.loading import Source
    from zoo.ensemble.distill import Distilled
    from zoo.planning.preset_choice import Choice
    from zoo.state.state import EnsembleState


class ExportMixin(EnsembleOptions):
    """To be mixed into a classifier that has a ``state_``; :class:`zoo.Ensemble` is one."""

    method_: str
    state_: EnsembleState
    drop_duplicates: bool

    @property
    def choice_(self) -> Choice | None:
        """What a preset chose; None without a preset."""
        return vars(self).get("_choice")

    def export(
        self,
        path: str | Path,
        *,
        method: str | None = None,
        uncertainty: bool = False,
        format: str = "saved_model",
        storage: str = "float32",
        calibration: np.ndarray | None = None,
        held_out: Images | None = None,
        prune_members: bool = False,
        max_latency: str | float | None = None,
    ) -> Path:
        """Write the ensemble as one graph: uint8 ``images`` in, ``logits`` and ``probabilities`` out.

        It is opened again in a fresh process and compared with this ensemble before it replaces the folder. Beside it
        lies ``manifest.json``: classes, input, versions, the rule's row of the leaderboard, and the files' hashes.

        Args:
            path: the folder to write; what was there is replaced. With ``onnx`` a path that ends in ``.onnx``, and with
                ``litert`` one in ``.tflite``, is the file itself; its manifest lies beside it, with ``.json`` behind.
            method: the rule to write; by default the ensemble's.
            uncertainty: predict ``uncertainty`` too, ``(N,)`` float32. The thresholds for some wanted shares of
                errors are in the manifest.
            format: ``saved_model`` (signatures ``serving_default``, ``top_k`` and ``serving_bytes``), ``onnx`` or
                ``litert``, which are extras.
            storage: of the weights: ``float32``; ``float16`` (SavedModel, LiteRT), half the bytes; ``int8`` (LiteRT,
                ONNX), a quarter, which computes with whole numbers too.
            calibration: for ``int8``, some hundred images ``(n, H, W, 3)`` uint8 like those to come.
            held_out: for ``int8``, labelled images that no member was trained on, to measure what it costs; by default
                those of the fit, which an ensemble that was loaded does not have.
            prune_members: leave members out as long as the rule, fitted anew to the others, is no worse by paired
                intervals on the held-out images (:func:`ensembles.pruning.prune`). The log and the manifest
                (``selection``) say which and why.
            max_latency: choose the best rule, of ``method`` or of equal weights and the one that answers, and the best
                members that predict one image within so many seconds, or a text such as ``"20ms"``, on this machine
                and in the engine of the format. The log and the manifest have the table of what there was to choose.

        Raises:
            FileExistsError: the path is a folder of other things, or of an export in another format.
            ImportError: an extra that is not installed.
            ValueError: a format or storage that there is not, int8 without images, or a ``max_latency`` that nothing
                keeps.
            zoo.export.ExportError: what was written predicts otherwise: a probability by more than 1e-4 (``float16``:
                0.02), or with ``int8`` another class for more than one in twenty of the calibration or the held-out
                images.
        """
        from zoo.export import export

        return export(
            self.state_,
            destination(path),
            method,
            uncertainty=uncertainty,
            format=format,
            storage=storage,
            calibration=calibration,
            held_out=held_out,
            prune_members=prune_members,
            max_latency=max_latency,
        )

    def submission(self, path: str | Path, *, method: str | None = None, answers: str = "labels") -> Path:
        """Write a zip of ``model.py`` and the SavedModel, whose ``predict(X)`` needs TensorFlow and NumPy alone.

        Args:
            path: the zip to write.
            method: the rule to write; by default the ensemble's.
            answers: what its ``predict`` answers: ``labels``, as this ensemble's does (the labels that ``fit`` was
                given, else class ids), always class ``ids``, or the classes' ``names``.

        Raises:
            ValueError: other answers, or a path that does not end in ``.zip``.
            zoo.export.ExportError: the submission predicts otherwise in a clean interpreter.
        """
        from zoo.export.submission import write_submission

        return write_submission(self.state_, destination(path), method or self.method_, answers)

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
        """Train one network on what this ensemble predicts, beside the labels, and say what of the gain it kept.

        Args:
            student: a backbone's name, or a plan.
            data: what to learn from, anything that :func:`zoo.load` takes; by default the images of the fit, which an
                ensemble that was loaded does not have.
            recipe: how to train; by default as this ensemble was, or by the default recipe after :meth:`load`.
            views: fixed training views of each image that the student learns from, the first one clean. The ensemble
                predicts each of them once.
            share: the teacher's weight among the student's targets, above 0, up to 1; the rest are the labels.
            temperature: by which the ensemble's logits are divided before they are probabilities, above 0.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            RuntimeError: the student could not be trained; the message has the reason.
            ValueError: options out of their range, or no images given to a loaded ensemble.
        """
        from zoo.ensemble.distill import distill, for_student

        state, choice = self.state_, self.choice_
        images = state.own_images() if data is None else self._to_learn(data)
        plan = student if isinstance(student, Plan) else by_name(student, defaults_of(self))
        if choice and plan.resize is None:
            plan = replace(plan, resize=choice.plans[0].resize)
        chosen = recipe or for_student((choice.recipe if choice else self.recipe) or Recipe())
        return distill(state, plan, images, chosen, views=views, share=share, temperature=temperature)

    def _to_learn(self, data: Source) -> Splits:
        """Load images as the fit did, so that the same ones are held out of the same source."""
        state = self.state_
        how = {"classes": state.targets.known, **state.reading.as_dict()}
        return with_validation(data, None, seed=state.seed, unique=self.drop_duplicates, **how)
