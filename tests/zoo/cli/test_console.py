"""zoo/cli/console.py: paths can be copied from a file of the output."""

from zoo.cli.console import console, say


def test_a_long_path_stays_in_one_line():
    path = "/".join(["a folder"] * 40)
    with console.capture() as captured:
        say(f"run: {path}")
    assert captured.get().splitlines() == [f"run: {path}"]
