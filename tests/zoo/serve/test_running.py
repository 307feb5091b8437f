"""zoo/serve/running.py and cli/serve.py: a real process listens, answers, and ends when it is told to."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import joblib
import pytest

from zoo.cli.main import application
from zoo.serve import running
from zoo.serve.running import check_token
from zoo.serve.settings import Settings, name_of
from zoo.serve.stopping import STOPS, end_on_sigterm


@pytest.mark.parametrize(
    ("option", "value"),
    [("port", -1), ("batch", 0), ("queue", 0), ("timeout", 0), ("workers", 0), ("max_megapixels", 90), ("name", "a/b")],
)
def test_options_out_of_their_range_are_named(refused, option, value):
    with refused(f"--{option.replace('_', '-')}", str(value)):
        Settings(model="", **{option: value}).check()


def test_settings_reach_a_worker():
    settings = Settings(model="m", batch=7, name="x")
    assert Settings.from_json(settings.as_json()) == settings


def test_a_name_is_made_of_a_path(tmp_path):
    assert name_of(tmp_path / "blood cells (2)") == "blood-cells--2"
    Settings(model="", name=name_of(tmp_path / "??")).check()


def test_an_open_address_wants_a_token(refused, monkeypatch):
    monkeypatch.delenv("ZOO_TOKEN", raising=False)
    for host in ("127.0.0.1", "::1", "localhost"):
        check_token(Settings(model="", host=host), without_token=False)
    for host in ("0.0.0.0", "192.168.1.2", "example.org"):
        with refused("ZOO_TOKEN", host, "--without-token"):
            check_token(Settings(model="", host=host), without_token=False)
        check_token(Settings(model="", host=host), without_token=True)
    monkeypatch.setenv("ZOO_TOKEN", "x")
    check_token(Settings(model="", host="0.0.0.0"), without_token=False)
    with refused("ZOO_TOKEN", "--without-token"):
        check_token(Settings(model=""), without_token=True)


def test_an_address_that_is_taken_is_named(refused):
    from zoo.serve.running import _socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with refused(f"127.0.0.1:{port}", "--port", error=OSError):
            _socket(Settings(model="", port=port))


@pytest.fixture
def own_signals(monkeypatch):
    """Undo what a server in this process does to signals and variables."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize(("workers", "opens"), [(1, "open_model"), (2, "check_model")])
def test_sigterm_ends_a_server_that_opens_its_model(monkeypatch, workers, opens):
    def opening(settings):
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("it goes on")

    monkeypatch.setattr(running, opens, opening)
    end_on_sigterm()
    with pytest.raises(SystemExit) as ended:
        running.serve(Settings(model="", port=0, workers=workers))
    assert ended.value.code == 143


@pytest.mark.usefixtures("own_signals")
def test_sigterm_ends_a_command_that_loads_tensorflow(monkeypatch, tmp_path):
    monkeypatch.setattr("zoo.cli.serve.quiet_if_needed", lambda settings: signal.raise_signal(signal.SIGTERM))
    with pytest.raises(SystemExit) as ended:
        application("serve")(["serve", str(tmp_path)], standalone_mode=False)
    assert ended.value.code == 143


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_says_when_it_listens_and_when_it_stops(monkeypatch, model, caplog, number):
    monkeypatch.setattr(running, "open_model", lambda settings: model)
    monkeypatch.setattr(running._Server, "main_loop", lambda self: asyncio.to_thread(os.kill, os.getpid(), number))
    with caplog.at_level("INFO", "zoo"):
        running.serve(Settings(model="cells", port=0))
    first, last = [record.getMessage() for record in caplog.records if record.name.startswith("zoo")]
    assert "cells is served at http://127.0.0.1:" in first
    assert "stops" in last


@pytest.mark.usefixtures("own_signals")
def test_workers_share_the_cores_that_the_container_has(monkeypatch):
    for name in ("LOKY_MAX_CPU_COUNT", "TF_NUM_INTRAOP_THREADS"):
        os.environ.pop(name, None)
    monkeypatch.setattr(joblib, "cpu_count", lambda only_physical_cores=False: 6)

    def started(settings):
        raise LookupError(os.environ["LOKY_MAX_CPU_COUNT"], os.environ["TF_NUM_INTRAOP_THREADS"])

    monkeypatch.setattr(running, "open_model", started)
    monkeypatch.setattr(running, "check_model", started)
    for workers, share in ((1, "6"), (2, "3"), (9, "1")):
        os.environ.pop("TF_NUM_INTRAOP_THREADS", None)
        with pytest.raises(LookupError) as told:
            running.serve(Settings(model="", port=0, workers=workers))
        assert told.value.args == (share, share)


@pytest.fixture
def started(export):
    """Starts ``zoo serve`` with options; the process, and its address once it answers."""
    processes = []

    def start(*options):
        command = [sys.executable, "-m", "zoo", "serve", str(export), "--port", "0", "--error", "0.05", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        processes.append(process)
        for line in process.stdout:
            if found := re.search(r"served at (http://\S+)", line):
                address = found[1]
                break
        for _ in range(3000):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=5)
                return process, address
            except OSError:
                time.sleep(0.1)
        raise AssertionError("it does not answer")

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(address, picture):
    with urllib.request.urlopen(f"{address}/predict", picture, timeout=30) as answer:
        return json.load(answer)["predictions"][0]["class"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_answers_and_ends_without_an_error(started, colour, number):
    process, address = started()
    assert ask(address, colour(200, 60, 60)) == "red"
    process.send_signal(number)
    rest, _ = process.communicate(timeout=30)
    assert (process.returncode, rest) == (0, f"{STOPS}\n")


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced_and_the_others_answer(started, colour):
    process, address = started("--workers", "2")
    children = [int(one) for one in _children(process.pid)]
    os.kill(children[-1], signal.SIGKILL)
    lost = 0
    for _ in range(200):
        try:
            assert ask(address, colour(60, 60, 200)) == "blue"
        except OSError:  # what the killed one had accepted
            lost += 1
        time.sleep(0.05)
    assert lost <= 1
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as text:
        assert 'zoo_answers_total{class="blue"}' in text.read().decode()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=300) == 0  # one that opens the model ends when it is open


def _children(parent):
    """Processes that serve, and not those that Python starts to watch them."""
    command = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(parent)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split()[0] for line in found.stdout.splitlines() if "spawn_main" in line]


@pytest.mark.slow
def test_a_mistake_is_one_line(tmp_path):
    for arguments in ([str(tmp_path)], ["nowhere"], [str(tmp_path), "--host", "0.0.0.0"]):
        command = [sys.executable, "-m", "zoo", "serve", *arguments, "--port", "0"]
        environment = {name: value for name, value in os.environ.items() if name != "ZOO_TOKEN"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_answers_are_sent_at_once():
    """asyncio turns Nagle's algorithm off where a socket names its protocol; else an answer waits for 40 ms."""
    from zoo.serve.running import _socket

    with _socket(Settings(model="", port=0)) as bound:
        assert bound.proto == socket.IPPROTO_TCP
