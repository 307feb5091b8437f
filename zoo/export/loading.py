"""Load an exported ensemble: its predictions for images, and its manifest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.checks import as_pixels
from zoo.data.images import Images
from zoo.data.pictures.pixel_reading import reading_from
from zoo.data.targets import targets_from
from zoo.export.format import SAVED_MODEL
from zoo.export.manifest import read_manifest
from zoo.export.operations import check_operations
from zoo.utils.chunks import spans, take_all
from zoo.utils.forks import check_not_forked

BATCH = 64
FROZEN_WEIGHTS = "TF_ONEDNN_ASSUME_FROZEN_WEIGHTS"


class SavedEnsemble:
    """What ``zoo export`` wrote: one graph that needs TensorFlow and no member, recipe or store.

    Args:
        loaded: the SavedModel, as TensorFlow opened it.
        manifest: the record beside it.
        path: its folder.

    Attributes:
        manifest: the record beside the SavedModel, as it was read.
        path: the SavedModel's folder.
        class_names_: the classes' names, in the order of the class ids.
        image_size_: ``(height, width)`` of the images that it takes, in pixels.
        reading: how pixels of other kinds are read.
        codes: by a further column of the fit's table, what it has for each class ``(classes,)``.
    """

    def __init__(self, loaded: Any, manifest: dict[str, Any], path: Path) -> None:
        self.path = path
        self._loaded = loaded  # keeps its variables alive
        self._serve = loaded.signatures["serving_default"]
        self.manifest = manifest
        self._targets = targets_from(manifest)
        self.class_names_ = self._targets.names
        self.codes = self._targets.codes
        _, height, width, _ = manifest["images"]["shape"]
        self.image_size_: tuple[int, int] = (height, width)
        self.reading = reading_from(manifest.get("reading"))

    @property
    def classes_(self) -> np.ndarray:
        """``(classes,)`` the user's labels of the classes, or their names, in the order of the class ids."""
        return self._targets.classes

    @property
    def serve(self) -> Any:
        """TensorFlow's function of the signature ``serving_default``."""
        return self._serve

    def answer_batch(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Predict one batch: all outputs of the graph, by name.

        Args:
            images: ``(n, H, W, 3)`` uint8 of the graph's own size, as many as the memory holds at once.
        """
        import tensorflow as tf

        check_not_forked()
        return {name: output.numpy() for name, output in self._serve(images=tf.constant(images)).items()}

    def predict_proba(self, images: Images | np.ndarray) -> np.ndarray:
        """Probabilities ``(N, classes)`` float32 for images ``(N, H, W, 3)`` of 0 to 255, other kinds, or loaded ones.

        Raises:
            ValueError: no images, images of another size, or pixels outside of 0 to 255.
        """
        pixels = self._checked(images)
        parts = [self.answer_batch(pixels[span])["probabilities"] for span in spans(len(pixels), BATCH)]
        return np.concatenate(parts)

    def predict(self, images: Images | np.ndarray) -> np.ndarray:
        """Answer as the ensemble does, ``(N,)``: the user's labels, or class ids; see :meth:`predict_proba`."""
        return self._targets.answers(self.predict_proba(images).argmax(axis=-1))

    def _checked(self, images: Images | np.ndarray) -> np.ndarray:
        given = take_all(images) if isinstance(images, Images) else images
        pixels = as_pixels(given, self.reading)
        if pixels.shape[1:3] != self.image_size_:
            raise ValueError(f"Expected images of {self.image_size_}; received {pixels.shape[1:3]}. Resize them.")
        return pixels


def assume_frozen_weights() -> None:
    """Let TensorFlow pack weights once for a CPU's kernels, and not for every batch: for a process that only predicts.

    It sets an environment variable of this process, which TensorFlow reads when the first kernel runs. Where weights
    change, or layers are called outside of a graph, predictions would be wrong.
    """
    os.environ.setdefault(FROZEN_WEIGHTS, "1")


def load_saved_model(path: str | Path) -> SavedEnsemble:
    """Open what ``zoo export`` wrote, after checking its files against their hashes.

    Raises:
        FileNotFoundError: the folder holds no exported ensemble.
        ValueError: another format, or files that were changed, cut, added or removed since, by their hashes.
        RuntimeError: this process was forked from one that had used TensorFlow.
    """
    folder = Path(path).expanduser()
    manifest = read_manifest(folder)
    if manifest["format"] != SAVED_MODEL:
        raise ValueError(
            f"Expected a SavedModel at {folder}; received {manifest['format']}. Predict with zoo.predict or "
            "zoo.Predictor, or open it with its own runtime."
        )
    return open_saved_model(folder, manifest)


def open_saved_model(folder: Path, manifest: dict[str, Any]) -> SavedEnsemble:
    """Open a SavedModel whose manifest was read.

    Raises:
        RuntimeError: this process was forked from one that had used TensorFlow.
    """
    check_not_forked()
    import tensorflow as tf

    check_operations(folder)
    try:
        return SavedEnsemble(tf.saved_model.load(str(folder)), manifest, folder)
    except Exception as error:  # TensorFlow raises whatever a broken graph leads it into
        raise ValueError(f"Expected a SavedModel of `zoo export` at {folder}; {error}. Export it again.") from error
