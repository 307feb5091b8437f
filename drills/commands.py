"""The commands that are killed, and a process that starts them without importing TensorFlow again.

TensorFlow survives a fork as long as nothing has used it (``zoo/utils/forks.py``). So one process imports all, and
forks for each command; what is killed is a process like any other, some seconds cheaper.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

from drills.conditions import apply

PARTS = 8  # images of a part of a table
MEMBERS = """
[[members]]
backbone = "drill_tiny"
weights = {weights!r}

[[members]]
backbone = "simple_cnn"
"""
CONFIG = """
imports = ["drills.tiny_backbone"]
method = "weighted"
uncertainty = "distance"
jobs = {jobs}

[recipe]
head_epochs = 2
epochs = 2
batch_size = 16
learning_rate = 0.001
"""


def write_inputs(folder: Path) -> None:
    """Write pictures in class folders, weights to start from, and a configuration for each number of jobs."""
    import keras
    from PIL import Image

    from drills.tiny_backbone import drill_tiny
    from drills.workspace import CLASSES, pictures

    for row, (picture, label) in enumerate(zip(*pictures(60), strict=True)):
        (folder / "pictures" / CLASSES[label]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(folder / "pictures" / CLASSES[label] / f"{row}.png")
    keras.utils.set_random_seed(0)
    weights = folder / "tiny.weights.h5"
    drill_tiny((16, 16, 3)).save_weights(weights)
    for jobs in (1, 2):
        text = CONFIG.format(jobs=jobs) + MEMBERS.format(weights=str(weights))
        (folder / f"jobs{jobs}.toml").write_text(text)
    others = 'method = "soft"\n[recipe]\nepochs = 2\n[[members]]\nbackbone = "simple_cnn_regularized"\n'
    (folder / "others.toml").write_text(others)


def fit(inputs: Path, work: Path, jobs: int) -> None:
    """Train, fit the rules and keep the run."""
    _zoo("fit", inputs / f"jobs{jobs}.toml", "--data", inputs / "pictures", "--out", work / "run")


def finish(inputs: Path, work: Path, jobs: int) -> None:
    """Predict, export and report a run; an export that is there is not made again.

    A kill after the table is in its place leaves the parts that it was made of, until the same command runs again.
    """
    import zoo

    zoo.predict(work / "run", inputs / "pictures", work / "answers.csv", part_rows=PARTS, batch_size=4, threads=1)
    if not (work / "export").is_dir():
        _zoo("export", work / "run", "--out", work / "export", "--uncertainty")
    _zoo("report", work / "run")


def fit_others(inputs: Path, work: Path, jobs: int) -> None:
    """Fit an ensemble of other members into the same run."""
    _zoo("fit", inputs / "others.toml", "--data", inputs / "pictures", "--out", work / "run")


def predict(inputs: Path, work: Path, jobs: int) -> None:
    """Predict with a run that lies beside the folder of work, into that."""
    import zoo

    zoo.predict(work.parent / "run", inputs / "pictures", work / "answers.csv", batch_size=4, threads=1)


def evaluate(inputs: Path, work: Path, jobs: int) -> None:
    """Score and report a run that lies beside the folder of work."""
    _zoo("evaluate", work.parent / "run", "--data", inputs / "pictures")
    _zoo("report", work.parent / "run", "--data", inputs / "pictures", "--out", work / "report.html")


def prune(inputs: Path, work: Path, jobs: int) -> None:
    """Make a run smaller."""
    _zoo("prune", work / "run", "--yes")


COMMANDS = {function.__name__: function for function in (fit, finish, fit_others, predict, evaluate, prune)}


def _zoo(command: str, *arguments: object) -> None:
    from zoo.cli.exit_codes import run
    from zoo.cli.main import application

    code = run(partial(application, command), [command, *map(str, arguments)])
    if code:
        raise SystemExit(code)


def serve_forks() -> None:
    """Read lines of command, folders and jobs; fork for each, and print the id, and at its end the exit status."""
    import zoo.cli.export
    import zoo.cli.fit
    import zoo.cli.report
    import zoo.ensemble.estimator
    import zoo.inference.prediction  # noqa: F401

    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _work(asked)
        print(f"started {child}", flush=True)
        _, status = os.waitpid(child, 0)
        print(f"ended {os.waitstatus_to_exitcode(status)}", flush=True)


def _work(asked: dict[str, Any]) -> None:
    """Run a command in a forked process, and leave it without what its parent would do at its end."""
    os.setsid()
    work = Path(asked["work"])
    target = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.environ["TMPDIR"] = str(work.parent / "tmp")
    code = 1
    try:
        apply(asked["conditions"])
        COMMANDS[asked["command"]](Path(asked["inputs"]), work, asked["jobs"])
        code = 0
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    if sys.argv[1:]:
        write_inputs(Path(sys.argv[1]))
    else:
        serve_forks()
