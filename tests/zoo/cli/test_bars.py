"""zoo/cli/bars.py."""

import io

from rich.console import Console

from zoo.cli.bars import counting


def test_a_terminal_sees_how_many_images_are_done_and_how_fast():
    shown = io.StringIO()
    with counting(Console(file=shown, force_terminal=True, width=100)) as watch:
        for done in (500, 1000, 1500):
            watch(done, 2000)
    assert "1500/2000" in shown.getvalue()
    assert "images/s" in shown.getvalue()


def test_a_file_sees_no_bar():
    shown = io.StringIO()
    with counting(Console(file=shown)) as watch:
        assert watch is None
    assert shown.getvalue() == ""
