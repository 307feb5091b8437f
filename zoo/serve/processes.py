"""Several processes that share a port: when they can answer, when they stop, how a failed start is reported."""

from __future__ import annotations

import logging
from socket import socket

import uvicorn
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from zoo.serve.stopping import STOPS

logger = logging.getLogger(__name__)

MOST_DEATHS = 5  # one after another, of processes that were still opening the model
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
        self._ready: set[int | None] = set()  # processes that can answer
        self._deaths = 0  # of processes that could not yet, since one last could

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises:
            RuntimeError: a process cannot start, or each is killed before it can answer.
        """
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise RuntimeError(
                "Expected processes that can start; one failed, as its traceback above says. Mend what it names."
            )
        if self._deaths >= MOST_DEATHS:
            raise RuntimeError(
                f"Expected processes that can start; {self._deaths} were killed while they opened the model, as "
                "happens where memory runs out. Start fewer (--workers), or give them more memory."
            )

    def keep_subprocess_alive(self) -> None:
        """Start again what died, and say once that a process answers."""
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for gone in before - {process.pid for process in self.processes}:
            mark_process_dead(gone)  # else its pictures would be under way for ever in /metrics
            self._deaths += gone not in self._ready
        self._see_who_is_ready()
        if self._deaths >= MOST_DEATHS:
            self.should_exit.set()

    def _see_who_is_ready(self) -> None:
        opening = [process for process in self.processes if process.pid not in self._ready]
        found = {process.pid for process in opening if process.is_ready(SILENT)}
        self._ready = (self._ready & {process.pid for process in self.processes}) | found
        if found:
            self._deaths = 0
        if found and not self._is_told:
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
