"""Several processes that share a port: when they can answer, when they stop, and that one that cannot start is told."""

from __future__ import annotations

import logging
from socket import socket

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from zoo.serve.stopping import STOPS

logger = logging.getLogger(__name__)

SILENT = 20  # seconds: the parent notices a killed worker after at most this time; loading TensorFlow takes less


class Workers(Multiprocess):
    """The processes that serve, and the one that starts them again where they die.

    Args:
        config: with the number of processes.
        bound: where they listen.
        line: to log when the first one can answer.
    """

    def __init__(self, config: uvicorn.Config, bound: socket, line: str) -> None:
        super().__init__(config, sockets=[bound])
        self._line = line
        self._is_told = False

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises:
            RuntimeError: a process cannot start.
        """
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise RuntimeError(
                "Expected processes that can start; one failed, as its traceback above says. Mend what it names."
            )

    def keep_subprocess_alive(self) -> None:
        """Start again what died, and say once that a process answers."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for gone in before - {process.pid for process in self.processes}:
            mark_process_dead(gone)  # else its pictures would be under way for ever in /metrics
        if not self._is_told and any(process.is_ready(SILENT) for process in self.processes):
            self._is_told = True
            logger.info("%s", self._line)

    def terminate_all(self) -> None:
        """Stop the processes; one that still opens the model has nothing under way, so it is killed."""
        if self._is_told:
            logger.info(STOPS)
        for process in self.processes:
            if not process.is_ready(SILENT):
                process.kill()
        super().terminate_all()
