"""What weights stored as float16, or int8 arithmetic, cost in accuracy on real images, and how many bytes they save.

LiteRT and ONNX need their extras: pip install 'ensemble-zoo[litert,onnx]'; without them only SavedModels are compared.

python benchmarks/stored_smaller.py RUN --data FOLDER
"""

from __future__ import annotations

import argparse
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import zoo
from ensembles.bootstrap import difference
from ensembles.metrics import balanced_accuracy
from zoo.export.format import FLOAT16, FLOAT32, INT8, SAVED_MODEL
from zoo.export.formats import format_of
from zoo.export.verify import fresh_process

CALIBRATED_WITH = 100  # images


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("run", help="of `zoo fit`")
    options.add_argument("--data", required=True, help="images with labels, none of which the run was trained on")
    given = options.parse_args()
    ensemble = zoo.Ensemble.load(given.run)
    _, images = zoo.load(given.data).to_score()
    ways = [(SAVED_MODEL, FLOAT32), (SAVED_MODEL, FLOAT16)]
    if find_spec("ai_edge_litert"):
        ways += [("litert", FLOAT16), ("litert", INT8)]
    if find_spec("tf2onnx"):
        ways += [("onnx", INT8)]
    reference = None
    for form, storage in ways:
        stored, answers = written_and_asked(ensemble, form, storage, images.take(np.arange(len(images))))
        reference = answers if reference is None else reference
        print(f"{form:12} {storage:8} {stored / 1e6:8.2f} MB   {told(answers, reference, images.labels)}", flush=True)


def written_and_asked(ensemble: zoo.Ensemble, form: str, storage: str, pixels: np.ndarray) -> tuple[int, np.ndarray]:
    """Export into a folder that is thrown away; returns its bytes, and probabilities."""
    with tempfile.TemporaryDirectory() as folder:
        calibration = pixels[:CALIBRATED_WITH] if storage == INT8 else None
        path = ensemble.export(Path(folder, "model"), format=form, storage=storage, calibration=calibration)
        stored = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        with fresh_process(format_of(form).read) as ask:
            return stored, ask(path, pixels)["probabilities"]


def told(answers: np.ndarray, reference: np.ndarray, labels: np.ndarray) -> str:
    apart = difference(answers, reference, labels)
    low, value, high = (f"{100 * figure:+.2f}" for figure in (apart.low, apart.value, apart.high))
    same = np.mean(answers.argmax(axis=1) == reference.argmax(axis=1))
    score = balanced_accuracy(answers, labels)
    return f"balanced accuracy {score:.4f}, {value} points ({low} to {high}), same class {same:.2%}"


if __name__ == "__main__":
    main()
