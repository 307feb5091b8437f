"""Where the time of an exported graph goes, operation by operation, and how far it is from this machine's arithmetic.

The graph is traced by TensorFlow itself. Its multiply-adds are counted from the layers' shapes, and the machine's
rate is that of a multiplication of large float32 matrices in the same process.

python benchmarks/where_time_goes.py                    the trio of the second report
python benchmarks/where_time_goes.py --member mobilenet_v2 --size 224 --batch 8
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from networks import TRIO, noise_images, twins
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from zoo.export.graph import EnsembleGraph
from zoo.models.network import Link

SIDE = 2048  # of the matrices
ROUNDS = 5
LISTED = 12  # operations
KERNELS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--member", action="append", help="of the ensemble, instead of the trio")
    options.add_argument("--size", type=int, default=96)
    options.add_argument("--batch", type=int, default=32)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ensemble = twins(given.member or TRIO, given.size, Path(folder)).ensemble
        graph = EnsembleGraph(ensemble, ensemble.method_)
    rate = multiply_adds_per_second()
    frozen = constant(graph)
    images = noise_images(given.batch, given.size)
    seconds = median_seconds(lambda: frozen(tf.constant(images)))
    work = multiply_adds(graph) * given.batch
    print(f"{given.batch / seconds:.1f} images/s, {work / seconds / 1e9:.1f} thousand million multiply-adds/s")
    print(f"matrices of {SIDE}: {rate / 1e9:.1f}; the graph reaches {work / seconds / rate:.0%} of that")
    by_operation = traced(frozen, images)
    for operation, own in by_operation.most_common(LISTED):
        print(f"{own / by_operation.total():7.1%}  {operation}")


def multiply_adds_per_second() -> float:
    matrix = tf.random.normal((SIDE, SIDE))
    multiply = tf.function(lambda: tf.reduce_sum(tf.matmul(matrix, matrix)), autograph=False)
    return SIDE**3 / median_seconds(multiply)


def median_seconds(work: Callable[[], Any]) -> float:
    """Of some rounds, after one that does not count."""
    work()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def constant(graph: EnsembleGraph) -> Any:
    """The graph as a function of images alone."""
    images = tf.TensorSpec((None, *graph.image_size, 3), tf.uint8)
    function = tf.function(graph.__call__, input_signature=[images], autograph=False)
    return convert_variables_to_constants_v2(function.get_concrete_function())


def multiply_adds(graph: EnsembleGraph) -> int:
    """Of one image."""
    links = [link for network in graph.networks for chain in network.chains for link in chain.links]
    return sum(_multiply_adds(link) for link in links if isinstance(link.operation, KERNELS))


def _multiply_adds(link: Link) -> int:
    """Each number of the output is a sum over the kernel's part that leads to it."""
    layer: Any = link.operation
    outputs = np.prod([side or 1 for side in layer.compute_output_shape(link.shape)[1:]])
    channels = layer.compute_output_shape(link.shape)[-1]
    return int(outputs * np.prod(layer.kernel.shape) / channels)


def traced(frozen: Any, images: np.ndarray) -> Counter[str]:
    """Microseconds of each kind of operation, what was fused with it in brackets."""
    config = tf.compat.v1.ConfigProto()
    options = tf.compat.v1.RunOptions(trace_level=tf.compat.v1.RunOptions.FULL_TRACE, output_partition_graphs=True)
    spent: Counter[str] = Counter()
    with tf.Graph().as_default() as place, tf.compat.v1.Session(graph=place, config=config) as session:
        tf.import_graph_def(frozen.graph.as_graph_def(), name="")
        ask = [output.name for output in frozen.outputs], {frozen.inputs[0].name: images}
        session.run(*ask)
        for _ in range(ROUNDS):
            told = tf.compat.v1.RunMetadata()
            session.run(*ask, options=options, run_metadata=told)
            kinds = {node.name: _kind(node) for part in told.partition_graphs for node in part.node}
            for device in told.step_stats.dev_stats:
                for node in device.node_stats:
                    spent[kinds.get(node.node_name, node.node_name)] += node.all_end_rel_micros
    return spent


def _kind(node: Any) -> str:
    fused = [name.decode() for name in node.attr["fused_ops"].list.s]
    return f"{node.op} [{', '.join(fused)}]" if fused else str(node.op)


if __name__ == "__main__":
    main()
