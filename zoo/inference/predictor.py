"""A function of batches for Dask, Ray and the like: small to pickle, opened in each worker."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from PIL import Image

from zoo.data.checks import as_pixels, check_pixels, sampled_levels
from zoo.data.pictures.array_kinds import is_deep
from zoo.data.pictures.framing import resized
from zoo.data.pictures.levels import Levels, check_levels
from zoo.data.pictures.pixel_checks import check_header
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.inference.engines import AUTO, check_engine
from zoo.inference.graphs import PROBABILITIES, Graph, export_at, open_graph
from zoo.inference.tables import Columns, columns_of
from zoo.state.export_files import manifest_file
from zoo.utils.chunks import spans
from zoo.utils.forks import check_not_forked
from zoo.utils.hashing import hash_files
from zoo.utils.text import Size

BATCH = 64  # images that the graph predicts at a time
IMAGES = ("images", "image")  # columns that are read
GRAPHS = 2  # that a process keeps open

_opening = Lock()
_opened: OrderedDict[tuple[Any, ...], Graph] = OrderedDict()  # the last one used at the end


class Predictor:
    """Predictions of a run or an export for batches, in any process.

    It holds a path, so that it can be pickled; a process opens the graph at its first call, and keeps it for all
    predictors of that path.

    Args:
        path: a run's folder, or an exported SavedModel, ONNX or LiteRT file, at the same path on every machine.
        method: the rule of a run; by default the run's.
        uncertainty: predict the uncertainty too; an export must have been made with it.
        engine: ``tensorflow``, ``onnx`` or ``litert``; by default the fastest of those that are there and answer
            alike, for batches such as the first. The ONNX graph of a run or a SavedModel is made with ``onnx``
            only, and then kept.
    """

    def __init__(
        self, path: str | Path, *, method: str | None = None, uncertainty: bool = False, engine: str = AUTO
    ) -> None:
        check_engine(engine)
        self.path = path
        self.method = method
        self.uncertainty = uncertainty
        self.engine = engine

    def __call__(self, batch: Mapping[str, Any] | np.ndarray) -> Columns:
        """Predict a batch.

        Args:
            batch: images ``(n, H, W, 3)`` uint8, or an object array of ``n`` images of several sizes; or columns by
                name, ``images`` or ``image`` among them. Images are resized to the model's size.

        Returns:
            The batch's other columns, and those of :func:`zoo.inference.tables.columns_of`.

        Raises:
            ValueError: no column of images, images of another shape or range, or a column that is called like a
                prediction.
        """
        images, others = _divided(batch) if isinstance(batch, Mapping) else (batch, {})
        graph = self._graph(len(images))
        predicted = columns_of(_predictions(graph, images), graph.classes)
        taken = ", ".join(predicted.keys() & others.keys())
        if taken:
            raise ValueError(f"Expected columns of other names than the predictions'; received {taken}. Rename it.")
        return others | predicted

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Predict images ``(n, H, W, 3)`` uint8: probabilities ``(n, classes)`` float32."""
        return _predictions(self._graph(len(images)), images)[PROBABILITIES]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names; opens the graph."""
        return self._graph().classes

    def _graph(self, images: int = BATCH) -> Graph:
        """The graph, opened by the first call for batches of so many images.

        It is open once in a process, whatever the threads, and opened again if its files were rewritten.
        """
        check_not_forked()
        with _opening:
            key = str(self.path), self.method, self.uncertainty, self.engine, _written(self.path)
            if key not in _opened:
                how: dict[str, Any] = {"method": self.method, "uncertainty": self.uncertainty, "engine": self.engine}
                _opened[key] = open_graph(self.path, **how, batch_size=min(images, BATCH) or BATCH)
            _opened.move_to_end(key)
            while len(_opened) > GRAPHS:
                _opened.popitem(last=False)
            return _opened[key]


def _written(path: str | Path) -> tuple[str, ...]:
    """Digests of the records of a model, which change when it is written anew."""
    place = export_at(path)
    return tuple(hash_files([manifest_file(place)] if place.is_file() else sorted(place.glob("*.json"))))


def _divided(batch: Mapping[str, Any]) -> tuple[np.ndarray, Columns]:
    """The images of a batch, and its other columns."""
    names = [name for name in IMAGES if name in batch]
    if not names:
        raise ValueError(f"Expected a column 'images' or 'image'; received {', '.join(batch) or 'none'}. Rename it.")
    return batch[names[0]], {name: column for name, column in batch.items() if name != names[0]}


def _predictions(graph: Graph, images: np.ndarray) -> Mapping[str, np.ndarray]:
    """Predict images, some at a time; for no images the arrays are empty."""
    images = _as_batch(images)
    if len(images):
        _check(images, graph.reading)
    parts: list[Mapping[str, np.ndarray]] = [graph.no_answers]
    parts += [graph.answer(_sized(images[span], graph.image_size, graph.reading)) for span in spans(len(images), BATCH)]
    return {name: np.concatenate([part[name] for part in parts]) for name in graph.no_answers}


def _as_batch(images: Any) -> np.ndarray:
    """One array of a list of images: of several sizes an array of objects."""
    if isinstance(images, np.ndarray):
        return images
    pictures = [np.asarray(image) for image in images]
    if len({picture.shape for picture in pictures}) <= 1:
        return np.array(pictures)
    batch = np.empty(len(pictures), object)
    for row, picture in enumerate(pictures):  # NumPy itself takes no list of arrays whose first sides are alike
        batch[row] = picture
    return batch


def _check(images: np.ndarray, reading: PixelReading) -> None:
    """Check a batch as a whole; of images of several sizes each by itself, but their depth together."""
    if images.dtype != object:
        check_pixels(images, reading)
        return
    levels: list[Levels] = []
    for picture in [np.asarray(image)[None] for image in images]:
        if is_deep(picture, reading):
            check_header(picture.shape, picture.dtype)
            levels += sampled_levels(picture, reading)
        else:
            check_pixels(picture, reading)
    check_levels(levels, reading)


def _sized(images: np.ndarray, size: Size, reading: PixelReading) -> np.ndarray:
    """Make images RGB bytes of the size."""
    if images.dtype == object and images.ndim == 1:
        pictures = [np.asarray(image)[None] for image in images]
        return np.concatenate([_sized(picture, size, reading) for picture in pictures])
    checked = as_pixels(images, reading, dark=True)  # a part of what was checked as a whole
    if checked.shape[1:3] == size:
        return np.ascontiguousarray(checked)
    return np.stack([resized(Image.fromarray(np.ascontiguousarray(image)), size, reading) for image in checked])
