"""Write a submission, and run it as a server would."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from zoo.export.format import FLOAT32
from zoo.export.summary import summary
from zoo.export.verify import (
    TOLERANCES,
    WITHOUT_US,
    ExportError,
    check_close,
    clean_environment,
    live_predictions,
    sample_images,
)
from zoo.export.writing import write_graph
from zoo.state.export_files import MANIFEST_FILE
from zoo.state.state import EnsembleState
from zoo.utils.files import check_mark, replacing
from zoo.utils.named_paths import check_suffix
from zoo.utils.own_files import check_own

logger = logging.getLogger(__name__)

TEMPLATE = Path(__file__).with_name("submission_model.py")
NAME = "model.py"  # in the zip
ANSWERS = ("labels", "ids", "names")
MOST_LISTED = 12  # classes in a message
MODEL_FOLDER = "saved_model"

# Imports model.py as a server does: from its own folder, with another working directory.
TRIAL = (
    WITHOUT_US
    + """
import numpy as np
sys.path.insert(0, sys.argv[1])
import model
images = np.load(sys.argv[2])
answers, one = model.predict(images), model.Model()
probabilities = one.predict_proba(images)
assert answers.shape == (len(images),), answers.shape
assert len(one.answers) == probabilities.shape[1], one.answers
assert (answers == one.answers[probabilities.argmax(axis=1)]).all()
np.save(sys.argv[3], probabilities)
"""
)


def write_submission(state: EnsembleState, path: Path, method: str, answers: str = ANSWERS[0]) -> Path:
    """Write the zip, and keep it if it predicts like the ensemble in a clean interpreter.

    Args:
        state: of a fitted ensemble.
        path: the zip to write: ``model.py`` and the folder ``saved_model`` at its top.
        method: the rule to write.
        answers: what ``predict`` answers, one of ``ANSWERS``: ``labels`` as :meth:`zoo.Ensemble.predict` does, always
            class ``ids``, or the classes' ``names``.

    Raises:
        FileExistsError: a folder is at the path, or another file than an earlier submission.
        ValueError: other answers, or a path that does not end in ``.zip``.
        zoo.export.ExportError: it does not run, or predicts differently.
    """
    if answers not in ANSWERS:
        raise ValueError(f"Expected answers as one of {', '.join(ANSWERS)}; received {answers!r}. Pass one of these.")
    check_suffix(path, ".zip")
    check_mark(path, None)
    check_own(path, _is_submission, "an earlier submission")
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder, "content")
        content.mkdir()
        write_graph(state, content / MODEL_FOLDER, method)
        (content / NAME).write_text(_with_answers(TEMPLATE.read_text(encoding="utf-8"), answers), encoding="utf-8")
        with replacing(path) as beside:
            _zip(content, beside)
            images = sample_images(state.image_size)
            predicted = try_submission(beside, images)
            live = live_predictions(state, method, images, state.member_logits(images))["probabilities"]
            check_close(live, predicted, "probabilities of the submission", TOLERANCES[FLOAT32])
    logger.info("%s", summary(state, method, path))
    level = logging.WARNING if _may_mislead(state, answers) else logging.INFO
    logger.log(level, "the submission answers %s", _described(state, answers))
    return path


def _is_submission(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return {NAME, f"{MODEL_FOLDER}/{MANIFEST_FILE}"} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _with_answers(source: str, answers: str) -> str:
    return source.replace(f'ANSWERS = "{ANSWERS[0]}"', f'ANSWERS = "{answers}"', 1)


def _may_mislead(state: EnsembleState, answers: str) -> bool:
    """Class ids are answered, and somebody may expect other numbers: the names, or those of the fit's table."""
    targets = state.targets
    ids = [str(number) for number in range(len(targets.names))]
    is_ids = answers == "ids" or (answers == "labels" and targets.labels is None)
    others = [own for own in (targets.names, *targets.codes.values()) if list(own) != ids]
    return is_ids and any(all(name.lstrip("+-").isdecimal() for name in own) for own in others)


def _described(state: EnsembleState, answers: str) -> str:
    """Say what ``predict`` answers, by examples, and how to choose."""
    targets = state.targets
    if answers == "names" or (answers == "labels" and targets.labels is not None):
        own = targets.labels if answers == "labels" and targets.labels is not None else np.array(targets.names)
        return f"{', '.join(map(repr, own[:MOST_LISTED].tolist()))}{', ...' if len(own) > MOST_LISTED else ''}"
    meant = (f"{number} for {name}" for number, name in enumerate(targets.names[:MOST_LISTED]))
    more = ", ..." if len(targets.names) > MOST_LISTED else ""
    return f"class ids, {', '.join(meant)}{more}; answers='names' (zoo submit --answers names) gives names instead"


def try_submission(path: Path, images: np.ndarray, python: str = sys.executable) -> np.ndarray:
    """Unpack a submission and predict with it, in a clean interpreter and another folder: (n, classes) probabilities.

    Args:
        path: the zip.
        images: ``(n, H, W, 3)`` uint8.
        python: the interpreter, such as one of an environment with an older TensorFlow.

    Raises:
        zoo.export.ExportError: it does not run.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        unpacked, workdir = Path(folder, "unpacked"), Path(folder, "workdir")
        workdir.mkdir()
        archive.extractall(unpacked)
        np.save(workdir / "images.npy", images)
        command = [python, "-c", TRIAL, str(unpacked), "images.npy", "probabilities.npy"]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=workdir, env=clean_environment(), check=False
        )
        if done.returncode:
            raise ExportError(
                f"Expected a submission that runs in a clean interpreter; it failed with:\n{done.stderr[-2000:]}"
            )
        return np.load(workdir / "probabilities.npy")


def _zip(folder: Path, path: Path) -> None:
    """Store without compression, as weights hardly shrink; fixed dates make equal content equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(file.relative_to(folder).as_posix())
                entry.external_attr = 0o644 << 16
                with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)
