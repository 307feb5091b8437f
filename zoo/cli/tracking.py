"""Options of ``zoo fit`` that record the run in an experiment tracker, and the recording."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.utils.logging import quiet_tensorflow

if TYPE_CHECKING:
    from zoo.data.images import Splits
    from zoo.ensemble.estimator import Ensemble
    from zoo.state.run_record import RunRecord
    from zoo.trackers.tracker import Tracker

logger = logging.getLogger(__name__)

PANEL = "Experiment trackers"
TensorBoardFolder = Annotated[
    Path | None,
    typer.Option(
        "--tensorboard", metavar="DIR", help="Show curves and scores in TensorBoard, from here.", rich_help_panel=PANEL
    ),
]
InMLflow = Annotated[
    bool,
    typer.Option("--mlflow", help="Record the run in MLflow, at MLFLOW_TRACKING_URI.", rich_help_panel=PANEL),
]
MLflowURI = Annotated[
    str | None,
    typer.Option("--mlflow-uri", metavar="URI", help="Record it at this MLflow server.", rich_help_panel=PANEL),
]
MLflowModel = Annotated[
    bool,
    typer.Option("--mlflow-model", help="With --mlflow: export the SavedModel too.", rich_help_panel=PANEL),
]


def trackers(tensorboard: Path | None, in_mlflow: bool, uri: str | None, model: bool) -> list[Tracker]:
    """Make the trackers that were asked for, and check them before anything is trained.

    Raises:
        ImportError: one that is not installed.
        ValueError: one that cannot be reached, or a model for no MLflow.
    """
    if model and not (in_mlflow or uri):
        raise ValueError("Expected --mlflow or --mlflow-uri with --mlflow-model; there is none. Add --mlflow.")
    if tensorboard is None and not (in_mlflow or uri):
        return []
    quiet_tensorflow()
    from zoo.trackers import MLflow, TensorBoard

    made: list[Tracker] = [] if tensorboard is None else [TensorBoard(tensorboard)]
    made += [MLflow(uri, saved_model=model)] if in_mlflow or uri else []
    for tracker in made:
        tracker.check()
    return made


def record(trackers: Sequence[Tracker], ensemble: Ensemble, splits: Splits, run: RunRecord, name: str) -> None:
    """Record a run, scored on its test images where it has some; what goes wrong is a warning, as the run is kept."""
    if not trackers:
        return
    from zoo.trackers import Results

    results = Results(ensemble, splits if splits.test is not None else None, run, name)
    for tracker in trackers:
        kind = type(tracker).__name__
        try:
            logger.info("%s: %s", kind, tracker.record(results))
        except Exception as error:  # of a server, a disk or a network, none of which the run depends on
            logger.debug("%s failed", kind, exc_info=True)
            logger.warning(
                "%s has not recorded the run: %s: %s. The run is kept; the same command records it without training.",
                kind,
                type(error).__name__,
                error,
            )
