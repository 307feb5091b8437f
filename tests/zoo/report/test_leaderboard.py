import csv
import io

import pytest
from rich.console import Console

from zoo.report.corruption_table import ShiftTable
from zoo.report.leaderboard import COLUMNS, Leaderboard


def board():
    rows = [
        {
            "name": "b",
            "kind": "member",
            "balanced_accuracy": 0.5,
            "accuracy": 0.25,
            "parameters": 1234,
            "status": "fitted",
        },
        {"name": "broken", "kind": "member", "status": "failed: ValueError: no such file"},
        {"name": "soft", "kind": "rule", "balanced_accuracy": 0.75, "accuracy": 1.0, "status": "fitted"},
    ]
    return Leaderboard(rows, "12 images")


def test_best_first_and_failures_last():
    assert [row["name"] for row in board()] == ["soft", "b", "broken"]


def test_a_rules_row_is_found_where_a_member_has_its_name_too():
    table = Leaderboard([{"name": "soft", "kind": "member", "status": "fitted"}, *board()], "12 images").marked("soft")
    assert table.of_rule("soft")["balanced_accuracy"] == 0.75
    assert table.answering == table.of_rule("soft")
    assert table.of_rule("broken") is None
    assert board().answering is None


def test_every_row_has_every_column():
    assert len({tuple(row) for row in board()}) == 1


def test_the_table_shows_scores_failures_and_where_they_are_from():
    text = str(board())
    assert "Scores on 12 images" in text
    assert "0.7500" in text
    assert "1,234" in text
    assert "broken: failed: ValueError: no such file" in text


def test_csv_has_unrounded_figures(tmp_path):
    with board().to_csv(tmp_path / "board.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["name"] == "soft"
    assert float(rows[1]["accuracy"]) == 0.25
    assert rows[2]["accuracy"] == ""


def under_shift(where="12 images"):
    figures = {"b": (0.375, 0.25, 0.5, 0.125), "soft": (0.25, 0.125, 0.3125, 0.0625)}
    columns = ("shifted", "shifted_low", "shifted_high", "worst")
    rows = [
        {"name": name, "kind": "rule" if name == "soft" else "member", "rows": 6, "status": "fitted"}
        | dict(zip(columns, own, strict=True))
        for name, own in figures.items()
    ]
    return ShiftTable([*rows, {"name": "broken", "kind": "member", "status": "failed: no such file"}], where)


def test_scores_under_shift_stand_beside_the_clean_ones_and_leave_the_order():
    shifted = board().with_shift(under_shift())
    assert [row["name"] for row in shifted] == ["soft", "b", "broken"]
    soft, member, broken = shifted
    assert (soft["balanced_accuracy"], soft["shifted"], soft["worst"]) == (0.75, 0.25, 0.0625)
    assert (soft["shifted_low"], soft["shifted_high"], soft["shifted_rows"]) == (0.125, 0.3125, 6)
    assert (member["shifted"], broken["shifted"]) == (0.375, None)
    text = str(shifted)
    assert "shifted         95 %   worst" in text
    assert "0.2500  0.125-0.312  0.0625" in text


def test_without_scores_under_shift_their_columns_are_empty_and_not_shown(tmp_path):
    assert "shifted" not in str(board())
    assert "accuracy  parameters  seconds" in str(board())
    with board().to_csv(tmp_path / "board.csv").open() as file:
        assert next(csv.DictReader(file))["shifted"] == ""


def test_other_images_under_shift_are_said():
    assert board().with_shift(under_shift()).where == "12 images"
    assert board().with_shift(under_shift("6 of 12 images")).where == "12 images; shifted: 6 of 12 images"


def ten_rows(*, under_shift):
    """A table as large runs have it: every figure there, long names, networks of 350 million weights."""
    figures = dict.fromkeys(COLUMNS, 0.98765) | {"images_per_second": 12345.6, "seconds": 54321.0}
    figures |= {"parameters": 350_196_968, "rows": 1712, "rows_fitted": 11948, "kind": "member", "status": "fitted"}
    if not under_shift:
        figures |= dict.fromkeys(("shifted", "shifted_low", "shifted_high", "worst", "shifted_rows"))
    return Leaderboard([figures | {"name": f"simple_cnn_regularized_{number}"} for number in range(10)], "1712 images")


@pytest.mark.parametrize("under_shift", [False, True])
def test_a_full_table_is_readable_in_120_columns(under_shift):
    text = str(ten_rows(under_shift=under_shift))
    assert max(map(len, text.splitlines())) <= 120
    assert "…" not in text
    (row,) = (line.split() for line in text.splitlines() if "regularized_7" in line)
    assert row[2:4] == ["0.9877", "0.988-0.988"]
    assert row[4:7] == (["0.9877", "0.988-0.988", "0.9877"] if under_shift else ["0.9877", "0.9877", "0.9877"])
    assert "12346" in row or under_shift


def test_columns_give_way_on_a_narrow_terminal_and_come_back_on_a_wide_one():
    shown = {width: io.StringIO() for width in (70, 220)}
    for width, file in shown.items():
        Console(file=file, width=width).print(ten_rows(under_shift=True))
    assert "…" not in shown[70].getvalue()
    assert "ece" not in shown[70].getvalue()
    assert "350,196,968" in shown[220].getvalue()
    assert "f1" in shown[220].getvalue()


def test_slow_networks_have_a_decimal():
    rows = [{"name": "slow", "kind": "member", "images_per_second": 1.26, "status": "fitted"}]
    assert str(Leaderboard(rows, "12 images")).endswith(" 1.3")


def test_csv_has_every_column_of_every_row(tmp_path):
    with ten_rows(under_shift=True).to_csv(tmp_path / "board.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["images_per_second"] == "12345.6"
    assert {"balanced_low", "balanced_high", "shifted_low", "shifted_high", "rows", "rows_fitted"} <= set(COLUMNS)
