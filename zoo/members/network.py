"""A member's network: made or read when it is first used, its sizes, and what can be asked of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.images import Images, Splits
from zoo.data.pictures.pixel_reading import PLAIN
from zoo.members import files as saving
from zoo.members.prediction import PREDICTION_BATCH, predict_images, timed_prediction
from zoo.models.plan import Plan
from zoo.models.randomness import seeded
from zoo.utils.text import Size

if TYPE_CHECKING:
    import keras


class Network:
    """A network that a plan describes, that was given, or that lies in a folder; the base of a member.

    Attributes:
        name: of the member.
        plan: what to build; None for a network that came from elsewhere.
        reading: how arrays of other kinds of pixels are read, as the training images were.
    """

    name: str

    def __init__(self, plan: Plan | None = None, model: keras.Model | None = None) -> None:
        self.plan = plan
        self.reading = PLAIN
        self._model = model
        self._folder: Path | None = None
        self._record: dict[str, Any] = {}

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
    def model(self) -> keras.Model:
        """The Keras model, built or read when it is first used; an open image size is the backbone's own until then."""
        if self._model is None:
            self._model = self._read(self._folder) if self._folder else self._assemble()
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

    def logits(self, images: Images | Splits | np.ndarray, batch_size: int = PREDICTION_BATCH) -> np.ndarray:
        """Predict float32 logits ``(N, classes)`` for images ``(N, H, W, 3)``: uint8, or of the depth of its training.

        A network that is not fitted answers as it starts: by chance, where its head is new.

        Raises:
            ValueError: images of another size than the member was built for, or no images at all.
        """
        shown = images.train if isinstance(images, Splits) else images
        return predict_images(self.model, shown, self.image_size, batch_size=batch_size, reading=self.reading)

    def timed_logits(self, images: Images) -> tuple[np.ndarray, float]:
        """Predict as :meth:`logits` does, and return the images/s as well."""
        return timed_prediction(self.model, images, self.image_size)

    @property
    def has_features(self) -> bool:
        """The network has a backbone and a head of this library; a mean of several, or one from elsewhere, has not."""
        return {layer.name for layer in self.model.layers} >= {"backbone", "head"}

    @property
    def feature_count(self) -> int:
        """How many numbers the head reads of an image: what :meth:`features` gives of each."""
        from zoo.models.assembly import trunk

        return int(trunk(self.model).output_shape[-1])

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
        return predict_images(trunk(self.model), images, self.image_size, batch_size=batch_size, reading=self.reading)

    def _read(self, folder: Path) -> keras.Model:
        """Read the network, whose layers draw by the plan's seed if it is trained on: files hold no generators."""
        with seeded(self.plan.seed or 0 if self.plan else 0):
            return saving.read_model(folder, self._record)

    def _assemble(self) -> keras.Model:
        from zoo.models.assembly import assemble

        return assemble(self.own_plan.sized())
