"""A run, as TensorFlow runs it: the graph that its export would have; and the ONNX graph of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ensembles
from zoo.evaluation.abstention import known_distribution
from zoo.export.format import FLOAT32
from zoo.export.verify import TOLERANCES, check_close, live_predictions, sample_images
from zoo.export.writing import check_backend
from zoo.inference.engines import TENSORFLOW
from zoo.inference.engines.engine import Answer, Opened
from zoo.inference.engines.kept_graph import FOLDER, KeptGraph, cache_folder
from zoo.inference.engines.runnable import Runnable
from zoo.state.state import EnsembleState
from zoo.utils.forks import check_not_forked
from zoo.utils.hashing import short_hash
from zoo.utils.version import __version__

if TYPE_CHECKING:
    from zoo.export.graph import EnsembleGraph


def runnable_run(state: EnsembleState, method: str, uncertainty: bool) -> Runnable:
    """Describe a fitted ensemble with one of its rules.

    Args:
        state: of the ensemble.
        method: the rule.
        uncertainty: predict that too.
    """
    files = [state.store.file_hash(key) for key in state.keys]
    key_parts = [*state.keys, *files, ensembles.to_dict(state.rule(method)), uncertainty and state.uncertainty]
    key_parts += [] if state.reading.is_plain else [state.reading.as_dict()]
    distribution = known_distribution(state) if uncertainty else None
    key_parts += [distribution.fingerprint] if distribution else []
    identity = short_hash(key_parts)
    joined = cache(lambda: _joined(state, method, uncertainty))

    def write(path: Path) -> None:
        from zoo.export.formats.onnx import write_function

        write_function(joined()[0], state.image_size, path)

    kept = KeptGraph(
        (state.store.root / FOLDER, cache_folder()),
        short_hash([identity, list(state.image_size), __version__]),
        state.image_size,
        lambda: joined()[0].pixels,
        write,
        lambda: joined()[1],
    )
    return Runnable(
        "a run",
        state.class_names,
        state.image_size,
        uncertainty,
        identity,
        state.reading,
        {TENSORFLOW: lambda _: _traced(*joined())},
        kept,
        state.targets.codes,
    )


def _joined(state: EnsembleState, method: str, uncertainty: bool) -> tuple[EnsembleGraph, Mapping[str, np.ndarray]]:
    """The graph, and what the members predict by themselves for the images that are compared."""
    check_backend()
    from zoo.export.graph import EnsembleGraph

    images = sample_images(state.image_size)
    graph = EnsembleGraph(state, method, uncertainty=uncertainty, samples=images)
    return graph, live_predictions(state, method, images, graph.live_logits, uncertainty=uncertainty)


def _traced(graph: EnsembleGraph, live: Mapping[str, np.ndarray]) -> Opened:
    """Trace the graph once for batches of any size; Keras' own ``predict`` would be traced again for each."""
    answer = traced(graph, graph.image_size)
    for name, found in answer(sample_images(graph.image_size)).items():  # the same check as of an export
        check_close(live[name], found, name, TOLERANCES[FLOAT32])
    return Opened(TENSORFLOW, answer, graph.pixels)


def traced(predict: Callable[[Any], Any], image_size: tuple[int, int]) -> Answer:
    """Make one graph of a function of images, for batches of any size."""
    import tensorflow as tf

    images = tf.TensorSpec((None, *image_size, 3), tf.uint8)
    serve = tf.function(predict, input_signature=[images], autograph=False, jit_compile=False)

    def answer(batch: np.ndarray) -> dict[str, np.ndarray]:
        check_not_forked()
        return {name: output.numpy() for name, output in serve(tf.constant(batch)).items()}

    return answer
