"""zoo/report/tables.py: what is drawn is what is there, brackets and colons included."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from zoo.cli.console import console
from zoo.report.class_table import ClassTable
from zoo.report.comparison_table import ComparisonTable
from zoo.report.leaderboard import Leaderboard
from zoo.report.tables import as_text, draw

NAMES = ("CD4[+]", "CD4[bold]", "CD8[/]", "a :smile: b")


def test_names_are_no_markup():
    text = as_text(draw("Classes [x]", ("class",), [(name,) for name in NAMES], left=("class",)))
    assert all(name in text for name in (*NAMES, "Classes [x]"))
    with console.capture() as captured:
        console.print(draw("", ("class",), [(name,) for name in NAMES], left=("class",)), *NAMES)
    assert all(captured.get().count(name) == 2 for name in NAMES)


def test_in_a_notebook_a_table_is_text_too_and_what_a_cell_shows(monkeypatch):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    board = Leaderboard([{"name": "a", "kind": "rule", "balanced_accuracy": 0.5, "status": "fitted"}], "validation")
    shown = []
    board._repr_pretty_(SimpleNamespace(text=shown.append), False)
    assert shown == [str(board)]
    assert "0.5000" in str(board)
    assert "\x1b" not in str(board)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_long_names_go_on_in_the_next_line_and_figures_stay_whole(width):
    name = "actinic keratoses and intraepithelial carcinoma"
    row = {"name": name, "recall": 0.9312, "recall_low": 0.902, "recall_high": 0.951, "rows": 12345, "taken_for": name}
    drawn = Console(file=io.StringIO(), width=width)
    drawn.print(ClassTable([row], "a few images"))
    text = drawn.file.getvalue()
    assert "0.9312" in text
    assert "0.902-0.951" in text
    assert "12345" in text


def test_a_csv_is_written_where_a_link_leads_and_home_is_written_out(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "link.csv").symlink_to(tmp_path / "shared.csv")
    tables = Leaderboard([], "validation"), ComparisonTable([], "validation")
    for table in tables:
        (tmp_path / "shared.csv").unlink(missing_ok=True)
        (tmp_path / "home" / "board.csv").unlink(missing_ok=True)
        head = f"{','.join(table.columns)}\n"
        assert table.to_csv(tmp_path / "link.csv") == tmp_path / "shared.csv"
        assert (tmp_path / "link.csv").is_symlink()
        assert (tmp_path / "shared.csv").read_text() == head
        assert table.to_csv("~/board.csv").read_text() == (tmp_path / "home" / "board.csv").read_text() == head
