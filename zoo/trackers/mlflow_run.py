"""A run of MLflow that is written to."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}  # of a check; else minutes
METRICS, PARAMS = 1000, 100  # that a server takes at once


@dataclass(frozen=True)
class TrackedRun:
    """A run that is written to.

    Attributes:
        client: of MLflow.
        experiment: its id.
        name: of the run; None to have one drawn.
        inside: id of the run that this one is in; "" for none.
        id: of the run, once it is open.
    """

    client: Any
    experiment: str
    name: str | None
    inside: str = ""
    id: str = ""

    @contextmanager
    def opened(self) -> Iterator[TrackedRun]:
        """Start the run, and end it; what goes wrong marks it as failed."""
        tags = {"mlflow.parentRunId": self.inside} if self.inside else {}
        made = self.client.create_run(self.experiment, run_name=self.name, tags=tags)
        run = replace(self, id=made.info.run_id)
        try:
            yield run
        except BaseException:
            self.client.set_terminated(run.id, "FAILED")
            raise
        self.client.set_terminated(run.id)

    def params(self, values: Mapping[str, str]) -> None:
        """Write parameters."""
        from mlflow.entities import Param

        params = [Param(name, value) for name, value in values.items()]
        for start in range(0, len(params), PARAMS):
            self.client.log_batch(self.id, params=params[start : start + PARAMS])

    def metrics(self, by_step: Mapping[int, Mapping[str, float]]) -> None:
        """Write metrics by step and name."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, step) for step, own in by_step.items() for name, value in own.items()]
        for start in range(0, len(metrics), METRICS):
            self.client.log_batch(self.id, metrics=metrics[start : start + METRICS])

    def files(self, folder: Path, place: str | None = None) -> None:
        """Upload what a folder holds."""
        self.client.log_artifacts(self.id, str(folder), place)


@contextmanager
def soon() -> Iterator[None]:
    """Give up soon where nobody answers, unless the user set how long to try."""
    own = {name: value for name, value in PATIENCE.items() if name not in os.environ}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]
