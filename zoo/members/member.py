"""A member: one network with its plan and its history, from uint8 pixels to float32 logits."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.data.labels import column_names
from zoo.data.loading import with_validation
from zoo.data.pictures.pixel_reading import reading_from
from zoo.members import files as saving
from zoo.members.network import Network
from zoo.models import plan as plans
from zoo.models.plan import Plan
from zoo.models.randomness import users_randomness
from zoo.training.own_callbacks import UserCallbacks, as_callbacks
from zoo.training.recipe import Recipe
from zoo.utils.logging import without_tensorflow_warnings
from zoo.utils.named_paths import destination
from zoo.utils.records import as_written

if TYPE_CHECKING:
    import keras

    from zoo.data.loading import Source
    from zoo.models.from_keras import Pixels
    from zoo.training import Teacher
    from zoo.training.checkpoint import Workspace


SPLIT_SEED = 0  # that of an ensemble by default: what a member held out, an ensemble of it holds out too


class Member(Network):
    """One network of an ensemble.

    Made by :func:`zoo.build`, by :meth:`load`, or by :meth:`from_keras` from a trained network.

    Attributes:
        name: unique within an ensemble.
        plan: what to build; None for a network that came from elsewhere, and for one that others were joined into.
        made_of: the plans of those others.
        fitted: it can predict.
        history: one record an epoch: phase, epoch, losses and accuracies.
        seconds: how long the training took.
        trained_on: how many images it was last trained on; None for a network from elsewhere.
        classes: the classes' names in the order of its columns, once fitted by data that has them, or as given.
        named: the order of the classes was given by their names with a network from elsewhere.
        columns: of that network, the one that answers each class, where they were put in another order since.
        reading: how arrays of other kinds of pixels are read, as the training images were.
    """

    def __init__(self, name: str, plan: Plan | None = None, model: keras.Model | None = None) -> None:
        self.name = plans.check_name(name)
        super().__init__(plan, model)
        self.made_of: tuple[Plan, ...] = ()
        self.fitted = plan is None
        self.history: list[dict[str, Any]] = []
        self.seconds = 0.0
        self.trained_on: int | None = None
        self.classes: tuple[str, ...] | None = None
        self.named = False
        self.columns: tuple[int, ...] | None = None

    def __repr__(self) -> str:
        return f"<Member {self.name}, {'fitted' if self.fitted else 'not fitted'}>"

    @cached_property
    def learned_from(self) -> frozenset[bytes]:
        """Digests of the images that it was trained on; none where that is not known."""
        return saving.read_learned(self._folder) if self._folder else frozenset()

    @property
    def networks(self) -> tuple[Plan, ...]:
        """The plans of the networks in it; none for a network that came from elsewhere."""
        return self.made_of if self.plan is None else (self.plan,)

    @users_randomness()
    @without_tensorflow_warnings()
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
            validation: likewise; by default a stratified fifth of ``train`` is held out, after copies were left out,
                the same as an ensemble with ``seed=0`` holds out of this source. ``fit(images, labels)`` of an
                ensemble takes copies as they are, and then holds out others.
            recipe: how to train.
            teacher: makes soft targets beside the labels, see :meth:`zoo.Ensemble.distill`.
            callbacks: Keras callbacks, passed on in every phase. ``{member}`` in their paths is this member's name.
            place: folder that keeps features, stored training views and the progress after every epoch: the same call
                with it resumes a killed one. By default nothing is kept.

        Raises:
            ValueError: data of other classes or another size than the member was built for, or an adopted Keras model.
            zoo.training.callbacks.DivergedError: the loss became infinite or NaN.
        """
        from zoo.training import train_planned

        splits = with_validation(train, validation, seed=SPLIT_SEED, unique=True)
        recipe = (recipe or Recipe()).adapted(self.own_plan.adapt)
        self._complete(splits.train)
        network, self._record = self.model, {}  # it may have to be read by the record of before
        trained = train_planned(
            network,
            self.own_plan,
            splits,
            recipe,
            pretrained=self.pretrained,
            teacher=teacher,
            callbacks=UserCallbacks(as_callbacks(callbacks)).of(self.name),
            place=place,
        )
        self.history, self.seconds = self.history + trained.history, self.seconds + trained.seconds
        self.fitted, self.classes, self.trained_on = True, splits.classes, len(splits.train)
        self.reading = splits.train.reading
        self.learned_from |= frozenset(splits.train.digests)
        return self

    def predict(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict class ids ``(N,)`` int64, of images as :meth:`logits` takes them.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
        """
        if not self.fitted:
            raise ensembles.NotFittedError(f"Expected a fitted member; {self.name!r} is not. Call fit(train) first.")
        return self.logits(images).argmax(axis=1)

    @property
    def pretrained(self) -> bool:
        """The backbone starts from weights that are worth freezing."""
        return self.plan is None or self.plan.pretrained

    def renamed(self, name: str) -> Self:
        """Return the same member, network included, under another name."""
        other = copy(self)
        other.name = name
        return other

    def save(self, path: str | Path) -> Path:
        """Write the member to a folder: the Keras model, and its record as JSON. Nothing in it can run code."""
        return saving.write(destination(path), self.model, self._as_record(), self.learned_from)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what :meth:`save` wrote; the network itself is read when it is first used.

        Raises:
            FileNotFoundError: no member there.
            ValueError: a record of another format, or a model file that was changed or cut.
        """
        path = Path(path).expanduser()
        record = saving.read_record(path)
        with as_written(f"a member in {path}"):
            member = cls(record["name"], next(plans.registered([record["plan"]]), None))
            member.made_of = tuple(plans.registered(record.get("made_of") or ()))
            member.reading = reading_from(record.get("pixels"))  # which records of earlier versions lack
        member.fitted, member.history, member.seconds = record["fitted"], record["history"], record["seconds"]
        member.classes = tuple(record["classes"]) if record["classes"] else None
        member.trained_on = record.get("trained_on")
        member._folder, member._record = path, record
        return member

    @classmethod
    def from_keras(
        cls,
        model: keras.Model,
        name: str | None = None,
        *,
        classes: Sequence[object] | None = None,
        pixels: Pixels = "as_is",
    ) -> Self:
        """Take a trained Keras model of RGB images as a fitted member.

        It may predict logits, probabilities or sigmoids, whatever its last layer is: its answers tell.

        Args:
            model: the model.
            name: the member's; by default the model's.
            classes: their names in the order of its columns, which an ensemble puts into its data's order; by default
                they are in that order.
            pixels: what it takes, of :data:`zoo.models.from_keras.PIXELS`.

        Raises:
            ValueError: a model of another input or output, or classes that are not one name a column.
        """
        from zoo.models.from_keras import as_member_model

        network = as_member_model(model, pixels=pixels, name=name or "")
        member = cls(name or plans.as_name(model.name), model=network)
        member.classes = None if classes is None else column_names(classes, member.class_count)
        member.named = classes is not None
        return member

    def _complete(self, train: Images) -> None:
        """Fix the image size by the data; a network made at another size before is replaced by a new one."""
        plan = self.own_plan.completed(len(train.classes), train.image_size)
        if (self._model or self._folder) and self.image_size != train.image_size:
            self._model, self._folder, self.learned_from = None, None, frozenset()
        self.plan = plan

    def _as_record(self) -> dict[str, Any]:
        kept = {name: getattr(self, name) for name in saving.KEPT}
        parts = [plan.as_dict() for plan in self.made_of]
        plan = self.plan.as_dict() if self.plan else None
        return {**kept, "pixels": self.reading.as_dict(), "plan": plan, "made_of": parts or None}
