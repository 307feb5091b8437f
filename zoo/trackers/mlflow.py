"""A fitted ensemble in MLflow: a run with its scores and files, and a run inside it for each member."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.plots.canvas import as_png
from zoo.trackers.mlflow_run import TrackedRun, soon
from zoo.trackers.results import Results, curves
from zoo.utils.modules import check_installed

if TYPE_CHECKING:
    import keras

    from zoo.data.loading import Source
    from zoo.ensemble.estimator import Ensemble
    from zoo.members.member import Member
    from zoo.state.run_record import RunRecord

URI, EXPERIMENT = "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"  # environment variables of MLflow
DEFAULT_EXPERIMENT = "ensemble-zoo"


def to_mlflow(
    ensemble: Ensemble,
    uri: str | None = None,
    data: Source | None = None,
    *,
    experiment: str | None = None,
    name: str | None = None,
    report: bool = True,
    saved_model: bool | str | Path = False,
    run: RunRecord | None = None,
) -> str:
    """Record a fitted ensemble in MLflow; each call makes a new run.

    The run has the options, the recipe, the data and the versions as parameters, and as metrics the scores of the rule
    that answers (``scores/balanced_accuracy``) and of every row (``leaderboard/stacked/balanced_accuracy``). Its files
    are ``leaderboard.csv``, ``confusion_matrix.png``, the report and the SavedModel. Each member is a run inside it,
    with its plan, its scores, and its losses, accuracies and learning rate by epoch over all phases.

    Args:
        ensemble: fitted or loaded.
        uri: of the tracking server; by default that of the variable ``MLFLOW_TRACKING_URI``, or MLflow's own default.
        data: labelled images to score, anything that :func:`zoo.load` takes; by default the held-out ones of the fit.
        experiment: its name; by default that of ``MLFLOW_EXPERIMENT_NAME``, or ``ensemble-zoo``.
        name: of the run; by default MLflow draws one.
        report: write the report too, as of :meth:`zoo.Ensemble.report`; an ensemble that was loaded needs ``data``.
        saved_model: export the ensemble and upload that; or the folder of an export to upload.
        run: how the run came about, which commands know.

    Returns:
        The run's id.

    Raises:
        ensembles.NotFittedError: before the fit.
        ImportError: mlflow is not installed.
        ValueError: no such server, or none that can be reached; images of other classes or another size.
    """
    tracker = MLflow(uri, experiment, report=report, saved_model=saved_model)
    return tracker.record_run(Results(ensemble, data, run, name or ""))


@dataclass(frozen=True)
class MLflow:
    """MLflow as a tracker.

    Attributes:
        uri: of :func:`to_mlflow`, like the others.
        experiment: likewise.
        report: likewise.
        saved_model: likewise.
    """

    uri: str | None = None
    experiment: str | None = None
    report: bool = True
    saved_model: bool | str | Path = False

    def check(self) -> None:
        """See :meth:`zoo.trackers.Tracker.check`."""
        if isinstance(self.saved_model, str | Path) and not Path(self.saved_model).expanduser().is_dir():
            raise ValueError(
                f"Expected saved_model as the folder of an export; there is none at {self.saved_model}. Pass True."
            )
        with soon():
            self._client()

    def callbacks(self) -> Sequence[keras.callbacks.Callback]:
        """See :meth:`zoo.trackers.Tracker.callbacks`; MLflow gets all when the fit is over."""
        return []

    def record(self, results: Results) -> str:
        """See :meth:`zoo.trackers.Tracker.record`."""
        return f"run {self.record_run(results)} of experiment {self._experiment}"

    def record_run(self, results: Results) -> str:
        """Write the results; returns the run's id.

        Raises:
            ValueError: no such server, or none that can be reached.
        """
        self.check()
        client, experiment = self._client()
        with TrackedRun(client, experiment, results.name or None).opened() as run:
            run.params(results.options)
            run.metrics({0: _scores(results, results.ensemble.method_) | _of_rows(results)})
            for member in results.members:
                _record_member(run, member, results)
            for write in (_write_tables, self._write_report, self._write_model):
                _upload(run, results, write)
            if isinstance(self.saved_model, str | Path):
                run.files(Path(self.saved_model).expanduser(), "saved_model")
        return run.id

    @property
    def _experiment(self) -> str:
        return self.experiment or os.environ.get(EXPERIMENT) or DEFAULT_EXPERIMENT

    def _client(self) -> tuple[Any, str]:
        """A client, and the id of the experiment, which is made where it is missing."""
        check_installed(["mlflow"], "mlflow", "record runs")
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        try:
            client = MlflowClient(tracking_uri=self.uri)
            found = client.get_experiment_by_name(self._experiment)
            return client, found.experiment_id if found else client.create_experiment(self._experiment)
        except (MlflowException, ImportError) as error:  # a database needs packages that the skinny client lacks
            raise ValueError(
                f"Expected an MLflow server that answers; received {self.uri or os.environ.get(URI) or 'none'}: "
                f"{error} Start one (mlflow server), and give its address: --mlflow-uri http://HOST:5000, uri=, or "
                f"{URI}."
            ) from error

    def _write_report(self, folder: Path, results: Results) -> None:
        if self.report and (results.data is not None or results.ensemble.state_.images is not None):
            title = f"Report of {results.name}" if results.name else "Report of an ensemble"
            results.ensemble.report(results.data, title=title, run=results.run).write(folder / "report.html")

    def _write_model(self, folder: Path, results: Results) -> None:
        if self.saved_model is True:
            results.ensemble.export(folder / "saved_model")


def _record_member(parent: TrackedRun, member: Member, results: Results) -> None:
    own = TrackedRun(parent.client, parent.experiment, member.name, inside=parent.id)
    with own.opened() as run:
        run.params(results.options_of_member(member))
        run.metrics(dict(curves(member)))
        run.metrics({len(member.history): _scores(results, member.name)})


def _of_rows(results: Results) -> dict[str, float]:
    names = [row["name"] for row in results.board]
    return {f"leaderboard/{name}/{score}": value for name in names for score, value in results.scores(name).items()}


def _scores(results: Results, name: str) -> dict[str, float]:
    return {f"scores/{score}": value for score, value in results.scores(name).items()}


def _write_tables(folder: Path, results: Results) -> None:
    results.board.to_csv(folder / "leaderboard.csv")
    if results.confusion is not None:
        (folder / "confusion_matrix.png").write_bytes(as_png(results.confusion)[0])


def _upload(run: TrackedRun, results: Results, write: Callable[[Path, Results], None]) -> None:
    """Upload what is written at once, so that it is there if what follows fails."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), results)
        if any(Path(folder).iterdir()):
            run.files(Path(folder))
