"""Which engine runs a model: the one that was named, or the fastest of those that are there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.util import find_spec

from zoo.export.verify import sample_images
from zoo.inference.engines import AUTO, LITERT, ONNX, TENSORFLOW
from zoo.inference.engines.engine import Opened
from zoo.inference.engines.engine_speeds import images_per_second
from zoo.inference.engines.kept_graph import WRITERS, KeptGraph, check_alike
from zoo.inference.engines.litert import RUNTIME as LITERT_RUNTIME
from zoo.inference.engines.onnx_runtime import RUNTIME
from zoo.inference.engines.runnable import Runnable
from zoo.utils.modules import check_installed

logger = logging.getLogger(__name__)

PAYS = 60.0  # seconds: `auto` makes an ONNX graph only if it should save as many
SAVED = {1: 0.4, 8: 0.25, 32: 0.05}  # of TensorFlow's time, by batch size: the mean over seven families, or less
RUNTIMES = {ONNX: RUNTIME, LITERT: LITERT_RUNTIME}  # modules
FEWEST = 500  # images: for fewer, TensorFlow is not even timed


@dataclass(frozen=True)
class Work:
    """What an engine is wanted for.

    Attributes:
        sizes: of batches; the engine that is fastest at any of them is taken.
        images: how many are expected; 0 where nobody knows.
    """

    sizes: tuple[int, ...]
    images: int = 0


def open_engine(model: Runnable, engine: str, work: Work) -> Opened:
    """Open a model with an engine, and log which one and why.

    Args:
        model: what is to be run.
        engine: one of :data:`zoo.inference.engines.NAMES`.
        work: what it is for.

    Raises:
        ImportError: a runtime is not installed.
        ValueError: an engine that does not run such a model.
        zoo.export.ExportError: an ONNX graph was made that predicts differently.
    """
    return _fastest(model, work) if engine == AUTO else _named(model, engine, max(work.sizes))


def check_runs(model: Runnable, engine: str) -> None:
    """Check that an engine runs a model, and that its runtime is installed, without opening either.

    Raises:
        ImportError: a runtime is not installed.
        ValueError: an engine that does not run such a model.
    """
    name = next(iter(model.openers)) if engine == AUTO else engine
    is_made = name == ONNX and ONNX not in model.openers and model.onnx is not None
    if name not in model.openers and not is_made:
        raise _unable(model, engine)
    if name in RUNTIMES:
        check_installed(RUNTIMES[name], name, f"run {model.what}")
    if is_made and model.onnx is not None and model.onnx.find() is None:
        check_installed(WRITERS, ONNX, f"run {model.what}")


def _named(model: Runnable, engine: str, batch: int) -> Opened:
    if engine in model.openers:
        return model.openers[engine](batch)
    if engine == ONNX and model.onnx is not None:
        return model.onnx.find_or_make()(batch)
    raise _unable(model, engine)


def _unable(model: Runnable, engine: str) -> ValueError:
    able = ", ".join((*model.openers, *([ONNX] if model.onnx else [])))
    return ValueError(
        f"Expected engine (zoo: --engine) as one that runs {model.what}: {able}; received {engine!r}. "
        f"Leave it out, or name {_WANTED[engine]}."
    )


_WANTED = {
    TENSORFLOW: "a run or a SavedModel",
    ONNX: "a run, a SavedModel or an ONNX file",
    LITERT: "a LiteRT file: zoo export RUN --format litert",
}


def _fastest(model: Runnable, work: Work) -> Opened:
    (first, opener), *_ = model.openers.items()
    own = opener(max(work.sizes))
    if model.onnx is None:
        logger.info("engine %s: the model is %s", first, model.what)
        return own
    other, reason = _onnx(model, model.onnx, own, work)
    if other is None:
        logger.info("engine %s: %s", first, reason)
        return own
    speeds = images_per_second({first: own.answer, ONNX: other.answer}, sample_images(model.image_size), work.sizes)
    best = {name: max((speed[name], size) for size, speed in speeds.items()) for name in (first, ONNX)}
    name = max(best, key=lambda name: best[name])
    told = ", ".join(f"{name} {speed:.0f} images/s in batches of {size}" for name, (speed, size) in best.items())
    logger.info("engine %s: %s", name, told)
    return other if name == ONNX else own


def _onnx(model: Runnable, kept: KeptGraph, own: Opened, work: Work) -> tuple[Opened | None, str]:
    """The graph on ONNX Runtime, where it is there or pays, and answers alike; else the reason why not."""
    if missing := [module for module in RUNTIME if find_spec(module) is None]:
        return None, f"{', '.join(missing)} is not installed (pip install 'ensemble-zoo[onnx]')"
    try:
        if kept.find() is None and (reason := _why_not_make(model, own, work)):
            return None, reason
        opened = kept.find_or_make()(max(work.sizes))
        images = sample_images(model.image_size)
        check_alike(own.answer(images), opened.answer(images))
    except Exception as error:  # of a converter, a runtime or a disk: the other engine can do the work
        return None, f"onnx cannot run it: {error}"
    return opened, ""


def _why_not_make(model: Runnable, own: Opened, work: Work) -> str:
    """Why an ONNX graph is not made for some work; "" where it is."""
    missing = [module for module in WRITERS if find_spec(module) is None]
    if missing:
        return f"{', '.join(missing)} is not installed (pip install 'ensemble-zoo[onnx]')"
    if _has_gpu():
        return "TensorFlow has a GPU"
    if work.images >= FEWEST:
        speeds = images_per_second({TENSORFLOW: own.answer}, sample_images(model.image_size), work.sizes)
        fastest, size = max((speed[TENSORFLOW], size) for size, speed in speeds.items())
        share = next(share for least, share in sorted(SAVED.items(), reverse=True) if size >= least)
        if work.images / fastest * share >= PAYS:
            return ""
    why = f"{work.images:,} images do not pay for" if work.images else "nobody has made"
    return f"{why} an ONNX graph, which is often faster; engine='onnx' (zoo: --engine onnx) makes and keeps one"


def _has_gpu() -> bool:
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
