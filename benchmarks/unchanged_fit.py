"""CPU seconds of a fit that has nothing to do, and of ``zoo diversity``: for ``rules_speed.py``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from apart import done_apart

A_CLASS = 71  # images: with eight classes 114 are held out
METHOD = "auto"


def unchanged(data: Path) -> dict[str, float]:
    """Fit three members on a few images a class of a folder, twice, and ask for their diversity, twice.

    Returns:
        CPU seconds above importing TensorFlow, each of a process of its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        few, run = Path(folder, "few"), Path(folder, "run")
        link_few(data, few)
        done_apart(seconds_of_fit, few, run)
        fit = done_apart(seconds_of_fit, few, run)
        done_apart(seconds_of_diversity, run)
        return {
            "an unchanged fit of three members": fit,
            "an unchanged zoo diversity": done_apart(seconds_of_diversity, run),
        }


def link_few(data: Path, few: Path) -> None:
    """Link to the first images of each class; of a folder with splits, to those to train on."""
    source = data / "train" if (data / "train").is_dir() else data
    for kind in sorted(path for path in source.iterdir() if path.is_dir()):
        (few / kind.name).mkdir(parents=True)
        for image in sorted(kind.iterdir())[:A_CLASS]:
            (few / kind.name / image.name).symlink_to(image.resolve())


def seconds_of_fit(data: Path, run: Path) -> float:
    """Fit three small networks for an epoch each."""

    def fit() -> None:
        import zoo

        zoo.Ensemble(["simple_cnn x3"], method=METHOD, recipe=zoo.Recipe(epochs=1), store=run).fit(data)

    return _above_tensorflow(fit)


def seconds_of_diversity(run: Path) -> float:
    """Run the command."""

    def ask() -> None:
        from zoo.cli.diversity import diversity

        diversity(run)

    return _above_tensorflow(ask)


def _above_tensorflow(work: Callable[[], None]) -> float:
    from zoo.utils.logging import quiet_tensorflow

    quiet_tensorflow()
    import tensorflow  # noqa: F401

    before = _seconds()
    work()
    return _seconds() - before


def _seconds() -> float:
    """CPU seconds of this process and of those that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
