"""Predicting with a member's network: images are checked, predicted in full batches, and timed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.data.checks import as_pixels
from zoo.data.images import Images, Splits
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.utils.forks import check_not_forked

if TYPE_CHECKING:
    import keras

    from zoo.utils.text import Size

PREDICTION_BATCH = 64


class Predicts:
    """What can be asked of a network; to be mixed into :class:`zoo.members.member.Member`."""

    name: str
    model: Any
    image_size: Any
    reading: PixelReading

    def logits(self, images: Images | Splits | np.ndarray, batch_size: int = PREDICTION_BATCH) -> np.ndarray:
        """Predict float32 logits ``(N, classes)`` for images ``(N, H, W, 3)``: uint8, or of the depth of its training.

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

    def predict(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict class ids ``(N,)`` int64."""
        return self.logits(images).argmax(axis=1)


def predict_images(
    model: keras.Model,
    images: Images | np.ndarray,
    size: Size,
    *,
    batch_size: int = PREDICTION_BATCH,
    reading: PixelReading = PLAIN,
    seconds: list[float] | None = None,
) -> np.ndarray:
    """Predict ``(N, ...)`` float32 for images ``(N, H, W, 3)``.

    Args:
        model: of a member.
        images: of ``size``, which is ``(height, width)``.
        size: that the model takes.
        batch_size: images at a time.
        reading: how arrays of other pixels than uint8 are read.
        seconds: takes the seconds of each batch.

    Raises:
        ValueError: images of another size, or none.
        RuntimeError: this process was forked from one that had used TensorFlow.
    """
    from zoo.data.batches import predict

    check_not_forked()
    pictures = images if isinstance(images, Images) else as_pixels(images, reading)
    received = pictures.image_size if isinstance(pictures, Images) else pictures.shape[1:3]
    if tuple(received) != size:
        raise ValueError(f"Expected images of {size}, (height, width), for {model.name!r}; received {tuple(received)}.")
    predicted = predict(model, pictures, min(batch_size, len(pictures)), seconds=seconds)
    return predicted.astype(np.float32, copy=False)


def timed_prediction(model: keras.Model, images: Images, size: Size) -> tuple[np.ndarray, float]:
    """Predict likewise, and measure the images/s of the fastest batch after the first.

    The first batch compiles, and what makes one slower than another is other work on the machine. One that is the only
    one is predicted twice.
    """
    seconds: list[float] = []
    predicted = predict_images(model, images, size, seconds=seconds)
    if len(seconds) == 1:
        predict_images(model, images, size, seconds=seconds)
    return predicted, min(PREDICTION_BATCH, len(images)) / min(seconds[1:])
