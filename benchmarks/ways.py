"""Ways to ask one ensemble for probabilities: what is exported for each, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from networks import CLASSES, twins
from torch_networks import open_torch, torch_has

import zoo
from zoo.export.loading import assume_frozen_weights
from zoo.utils.logging import quiet_tensorflow

if TYPE_CHECKING:
    from apart import Ask

OURS, TORCH = "ours", "pytorch"
STOCK_FILE, STOCK, OURS_FOLDER, ONNX = "stock.keras", "stock", "ours", "onnx"


def export_all(names: Sequence[str], size: int, folder: Path) -> None:
    """Write the same networks each way, but what is there already."""
    wanted = [STOCK_FILE, STOCK, OURS_FOLDER, *([ONNX] if find_spec("onnxruntime") else [])]
    missing = [name for name in wanted if not (folder / name).exists()]
    if not missing:
        return
    pair = twins(names, size, folder / "store")
    write: dict[str, Callable[[Path], object]] = {
        STOCK_FILE: pair.stock.save,
        STOCK: partial(pair.stock.export, verbose=False),
        OURS_FOLDER: pair.ensemble.export,
        ONNX: partial(pair.ensemble.export, format="onnx"),
    }
    for name in missing:
        write[name](folder / name)


def ways_to_ask(names: Sequence[str], folder: Path) -> dict[str, Callable[[], Ask]]:
    """How to open each of what :func:`export_all` wrote, and PyTorch where it is there."""
    ways: dict[str, Callable[[], Ask]] = {
        "keras predict": partial(open_predict, folder / STOCK_FILE),
        "keras export": partial(open_stock, folder / STOCK),
        OURS: partial(open_ours, folder / OURS_FOLDER),
        "ours, frozen": partial(open_frozen, folder / OURS_FOLDER),
    }
    if find_spec("onnxruntime"):
        ways["onnx runtime"] = partial(open_onnx, folder / ONNX)
    if torch_has(names):
        ways[TORCH] = partial(open_torch, names, CLASSES)
    return ways


def open_predict(file: Path) -> Ask:
    """``keras.Model.predict``."""
    quiet_tensorflow()
    import keras

    model = keras.saving.load_model(file)
    return lambda images: model.predict(images, batch_size=len(images), verbose=0)


def open_stock(folder: Path) -> Ask:
    """What ``keras.Model.export`` wrote."""
    quiet_tensorflow()
    import tensorflow as tf

    loaded = tf.saved_model.load(str(folder))
    return lambda images: loaded.serve(tf.constant(images)).numpy()


def open_ours(folder: Path) -> Ask:
    """What :meth:`zoo.Ensemble.export` wrote."""
    quiet_tensorflow()
    saved = zoo.load_saved_model(folder)
    return lambda images: saved.answer_batch(images)["probabilities"]


def open_frozen(folder: Path) -> Ask:
    """The same, as ``zoo predict`` asks it: in a process in which no weight changes, so that they are packed once."""
    assume_frozen_weights()
    return open_ours(folder)


def open_onnx(folder: Path) -> Ask:
    """The same networks on ONNX Runtime."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    return lambda images: session.run(["probabilities"], {"images": images})[0]
