"""zoo/cli/exit_codes.py: what goes wrong is one line."""

import signal
import time

import pytest

from zoo.cli.exit_codes import AFTER, INTERRUPTED, MISTAKE, run
from zoo.cli.main import COMMANDS


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_missing_backend_is_told_with_the_line_that_installs_it(backend, monkeypatch, capsys):
    def command(**_):
        raise ModuleNotFoundError(f"No module named {backend!r}", name=backend)

    monkeypatch.setenv("KERAS_BACKEND", backend)
    assert run(lambda: command, []) == MISTAKE
    assert f"pip install {backend}" in capsys.readouterr().err


def test_another_missing_module_is_told_as_it_is(monkeypatch, capsys):
    def command(**_):
        raise ModuleNotFoundError("No module named 'other'", name="other")

    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert run(lambda: command, []) == MISTAKE
    assert "pip install" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "told"),
    [("fit", "goes on"), ("predict", "goes on"), ("prune", "the rest"), ("clean", "anew"), ("export", "anew")],
)
def test_an_interrupt_is_told_with_what_holds_after_it(name, told, capsys):
    def command(**_):
        raise KeyboardInterrupt

    assert AFTER.keys() <= COMMANDS.keys()
    assert run(lambda: command, [], name) == INTERRUPTED
    assert told in capsys.readouterr().err


def test_an_interrupt_within_a_callback_ends_a_command(interruptible, capsys):
    def command(**_):
        lost = Lost()
        del lost
        time.sleep(20)

    class Lost:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    start = time.monotonic()
    assert run(lambda: command, [], "export") == INTERRUPTED
    assert time.monotonic() - start < 10
    assert "Interrupted" in capsys.readouterr().err
