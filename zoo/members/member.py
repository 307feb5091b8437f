"""A member: one network with its plan and its history, from uint8 pixels to float32 logits."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from zoo.data.images import Images, Splits
from zoo.data.loading import with_validation
from zoo.members import files as saving
from zoo.members.prediction import PREDICTION_BATCH, predict_images, timed_prediction
from zoo.models import plan as plans
from zoo.models.plan import Plan
from zoo.models.randomness import users_randomness
from zoo.models.registry import names
from zoo.training.recipe import Recipe
from zoo.utils.text import Size

if TYPE_CHECKING:
    import keras

    from zoo.data.loading import Source
    from zoo.training import Teacher
    from zoo.training.checkpoint import Workspace


class Member:
    """One network of an ensemble.

    Made by :func:`zoo.build`, by :meth:`load`, or by :meth:`from_keras` from a trained network.

    Attributes:
        name: unique within an ensemble.
        plan: what to build; None for a network that came from elsewhere.
        fitted: it can predict.
        history: one record an epoch: phase, epoch, losses and accuracies.
        seconds: how long the training took.
        trained_on: how many images it was last trained on; None for a network from elsewhere.
        classes: the classes' names, once fitted by data that has them.
    """

    def __init__(self, name: str, plan: Plan | None = None, model: keras.Model | None = None) -> None:
        self.name = plans.check_name(name)
        self.plan = plan
        self.fitted = plan is None
        self.history: list[dict[str, Any]] = []
        self.seconds = 0.0
        self.trained_on: int | None = None
        self.classes: tuple[str, ...] | None = None
        self._model = model
        self._folder: Path | None = None
        self._record: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<Member {self.name}, {'fitted' if self.fitted else 'not fitted'}>"

    @property
    def model(self) -> keras.Model:
        """The Keras model, built or read when it is first used; an open image size is the backbone's own until then."""
        if self._model is None:
            self._model = saving.read_model(self._folder) if self._folder else self._assemble()
        return self._model

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold a network that is read from its folder in memory no longer than the block runs, except layers in use."""
        from zoo.models.cloning import take_apart

        kept = self._model
        try:
            yield
        finally:
            if kept is None and self._folder and self._model is not None:
                take_apart(self._model)
                self._model = None
                gc.collect()  # Keras' objects refer to each other in cycles, and their memory is needed now

    @users_randomness()
    def fit(
        self,
        train: Source,
        validation: Source | None = None,
        recipe: Recipe | None = None,
        *,
        teacher: Teacher | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        place: Workspace | str | Path | None = None,
    ) -> Self:
        """Train: the head first, then more of the network, and keep the best epoch; random generators stay the user's.

        Args:
            train: anything that :func:`zoo.load` takes.
            validation: likewise; by default a stratified fifth of ``train`` is held out.
            recipe: how to train.
            teacher: makes soft targets beside the labels, see :meth:`zoo.Ensemble.distill`.
            callbacks: Keras callbacks, passed on in every phase.
            place: folder that keeps features, stored training views and the progress after every epoch: the same call
                with it resumes a killed one. By default nothing is kept.

        Raises:
            ValueError: data of other classes or another size than the member was built for, or an adopted Keras model.
            zoo.training.callbacks.DivergedError: the loss became infinite or NaN.
        """
        from zoo.training import train_planned

        splits = with_validation(train, validation, seed=self.own_plan.seed)
        self._complete(splits.train)
        self._record = {}
        trained = train_planned(
            self.model,
            self.own_plan,
            splits,
            recipe or Recipe(),
            pretrained=self.pretrained,
            teacher=teacher,
            callbacks=callbacks,
            place=place,
        )
        self.history, self.seconds = self.history + trained.history, self.seconds + trained.seconds
        self.fitted, self.classes, self.trained_on = True, splits.classes, len(splits.train)
        return self

    @property
    def own_plan(self) -> Plan:
        """The plan, where there has to be one; raises a ValueError for a network that came from elsewhere."""
        if self.plan is None:
            raise ValueError(
                f"Expected a member with a plan; received {self.name!r}: a Keras model from elsewhere, trained by its "
                "own fit, or one whose backbone is not registered here (import the module that registers it)."
            )
        return self.plan

    @property
    def pretrained(self) -> bool:
        """The backbone starts from weights that are worth freezing."""
        return self.plan is None or self.plan.pretrained

    @property
    def parameters(self) -> int:
        """Weights of the whole network."""
        return int(self._record["parameters"] if self._record else self.model.count_params())

    @property
    def image_size(self) -> Size:
        """``(height, width)`` of the images that the network takes, in pixels."""
        return tuple(self._record["image_size"] if self._record else self.model.input_shape[1:3])

    @property
    def class_count(self) -> int:
        """How many classes the network predicts."""
        return int(self._record["class_count"] if self._record else self.model.output_shape[-1])

    def renamed(self, name: str) -> Self:
        """Return the same member, network included, under another name."""
        other = copy(self)
        other.name = name
        return other

    def logits(self, images: Images | Splits | np.ndarray, batch_size: int = PREDICTION_BATCH) -> np.ndarray:
        """Predict float32 logits ``(N, classes)`` for uint8 images ``(N, H, W, 3)``.

        Raises:
            ValueError: images of another size than the member was built for, or no images at all.
        """
        shown = images.train if isinstance(images, Splits) else images
        return predict_images(self.model, shown, self.image_size, batch_size=batch_size)

    def timed_logits(self, images: Images) -> tuple[np.ndarray, float]:
        """Predict as :meth:`logits` does, and return the images/s as well."""
        return timed_prediction(self.model, images, self.image_size)

    @property
    def has_features(self) -> bool:
        """The network has a backbone and a head of this library; a mean of several, or one from elsewhere, has not."""
        return {layer.name for layer in self.model.layers} >= {"backbone", "head"}

    def features(self, images: Images | np.ndarray, batch_size: int = PREDICTION_BATCH) -> np.ndarray:
        """Describe uint8 images ``(N, H, W, 3)`` by what the head reads of them: ``(N, features)`` float32.

        Raises:
            ValueError: a network without a backbone of this library, or images of another size.
        """
        from zoo.models.assembly import trunk

        if not self.has_features:
            raise ValueError(
                f"Expected a network with a backbone and a head; received {self.name!r}, which has other layers. "
                "Take a member that was built by name."
            )
        return predict_images(trunk(self.model), images, self.image_size, batch_size=batch_size)

    def predict(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict class ids ``(N,)`` int64."""
        return self.logits(images).argmax(axis=1)

    def save(self, path: str | Path) -> Path:
        """Write the member to a folder: the Keras model, and its record as JSON. Nothing in it can run code."""
        return saving.write(Path(path), self.model, self._as_record())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what :meth:`save` wrote; the network itself is read when it is first used.

        Raises:
            FileNotFoundError: no member there.
            ValueError: a record of another format, or a model file that was changed or cut.
        """
        record = saving.read_record(Path(path))
        plan = plans.from_dict(record["plan"]) if record["plan"] and record["plan"]["backbone"] in names() else None
        member = cls(record["name"], plan)
        member.fitted, member.history, member.seconds = record["fitted"], record["history"], record["seconds"]
        member.classes = tuple(record["classes"]) if record["classes"] else None
        member.trained_on = record.get("trained_on")  # which records of earlier versions lack
        member._folder, member._record = Path(path), record
        return member

    @classmethod
    def from_keras(cls, model: keras.Model, name: str | None = None) -> Self:
        """Take a trained Keras model as a fitted member.

        It must take RGB images of 0 to 255 and predict logits, or probabilities if its last layer is a softmax.

        Raises:
            ValueError: a model of another input or output.
        """
        from zoo.models.from_keras import as_member_model

        return cls(name or model.name, model=as_member_model(model))

    def _complete(self, train: Images) -> None:
        """Fix the image size by the data; a network made at another size before is replaced by a new one."""
        plan = self.own_plan.completed(len(train.classes), train.image_size)
        if (self._model or self._folder) and self.image_size != train.image_size:
            self._model, self._folder = None, None
        self.plan = plan

    def _assemble(self) -> keras.Model:
        from zoo.models.assembly import assemble

        return assemble(self.own_plan.sized())

    def _as_record(self) -> dict[str, Any]:
        kept = {name: getattr(self, name) for name in saving.KEPT}
        return {**kept, "plan": self.plan.as_dict() if self.plan else None}
