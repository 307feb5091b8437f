"""zoo/serve/processes.py: when several processes are said to answer, and what becomes of those that do not start."""

import signal
import socket
import subprocess
import sys

import pytest
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import SIGNALS

from zoo.serve.processes import Workers
from zoo.serve.stopping import STOPS


class Process:
    """Stands for one of the processes."""

    pid = 7

    def __init__(self, ready, exitcode=None):
        self.ready, self.exitcode, self.told = ready, exitcode, []

    def is_alive(self, timeout):
        return True

    def is_ready(self, timeout):
        return self.ready

    def kill(self):
        self.told.append("kill")

    def terminate(self):
        self.told.append("terminate")


@pytest.fixture
def workers():
    """Workers without processes; signals are as before afterwards."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield Workers(uvicorn.Config("none:none", workers=2), bound, "it is served")
    for number, handler in before.items():
        signal.signal(number, handler)


def test_it_is_said_once_that_one_can_answer(workers, caplog):
    workers.processes = [Process(False), Process(False)]
    with caplog.at_level("INFO", "zoo"):
        workers.keep_subprocess_alive()
        assert caplog.messages == []
        workers.processes[1].ready = True
        workers.keep_subprocess_alive()
        workers.keep_subprocess_alive()
    assert caplog.messages == ["it is served"]


def test_one_that_opens_the_model_is_killed_and_the_other_may_answer(workers, caplog):
    workers.processes = opening, answering = Process(False), Process(True)
    with caplog.at_level("INFO", "zoo"):
        workers.keep_subprocess_alive()
        workers.terminate_all()
    assert "kill" in opening.told
    assert answering.told == ["terminate"]
    assert caplog.messages[-1] == STOPS


def test_one_that_cannot_start_is_an_error(workers, monkeypatch, refused):
    monkeypatch.setattr(Multiprocess, "run", lambda self: None)
    workers.processes = [Process(True, 0), Process(True, 0)]
    workers.run()
    workers.processes[0].exitcode = STARTUP_FAILURE
    with refused("start", "traceback", error=RuntimeError):
        workers.run()


def test_numbers_of_one_that_is_replaced_are_taken_out(workers, monkeypatch):
    gone, left = [], Process(True)

    def replaced(self):
        self.processes = [left]

    monkeypatch.setattr("zoo.serve.processes.mark_process_dead", gone.append)
    monkeypatch.setattr(Multiprocess, "keep_subprocess_alive", replaced)
    workers.processes = [Process(True), left]
    workers.processes[0].pid = 8
    workers.keep_subprocess_alive()
    assert gone == [8]


@pytest.mark.parametrize(("is_ready", "ends"), [(False, True), (True, False)])
def test_processes_that_are_killed_again_and_again_before_they_answer_end_the_server(
    workers, monkeypatch, refused, is_ready, ends
):
    pids = iter(range(10, 100))

    def replaced(self):
        self.processes = [Process(is_ready)]
        self.processes[0].pid = next(pids)

    monkeypatch.setattr("zoo.serve.processes.mark_process_dead", lambda pid: None)
    monkeypatch.setattr(Multiprocess, "keep_subprocess_alive", replaced)
    monkeypatch.setattr(Multiprocess, "run", lambda self: [self.keep_subprocess_alive() for _ in range(8)])
    if ends:
        with refused("memory", "--workers", error=RuntimeError):
            workers.run()
    else:
        workers.run()
    assert workers.should_exit.is_set() == ends


APP = """
import socket, uvicorn
from zoo.serve.processes import Workers

async def app(scope, receive, send):
    await receive()
    raise OSError("no model")

if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as bound:
        Workers(uvicorn.Config("failing:app", lifespan="on", workers=2), bound, "it is served").run()
"""


@pytest.mark.slow
def test_real_processes_that_cannot_start_end_the_first_one(tmp_path):
    (tmp_path / "failing.py").write_text(APP)
    done = subprocess.run(
        [sys.executable, "failing.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1
    assert "RuntimeError: Expected processes that can start" in done.stderr
