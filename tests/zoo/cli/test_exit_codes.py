"""zoo/cli/exit_codes.py: what goes wrong is one line."""

import pytest

from zoo.cli.exit_codes import MISTAKE, run


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_missing_backend_is_told_with_the_line_that_installs_it(backend, monkeypatch, capsys):
    def command(**_):
        raise ModuleNotFoundError(f"No module named {backend!r}", name=backend)

    monkeypatch.setenv("KERAS_BACKEND", backend)
    assert run(command, []) == MISTAKE
    assert f"pip install {backend}" in capsys.readouterr().err


def test_another_missing_module_is_told_as_it_is(monkeypatch, capsys):
    def command(**_):
        raise ModuleNotFoundError("No module named 'other'", name="other")

    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert run(command, []) == MISTAKE
    assert "pip install" not in capsys.readouterr().err
