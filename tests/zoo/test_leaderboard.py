import csv

from zoo.leaderboard import Leaderboard
from zoo.shift import ShiftTable


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
    rows = [
        {"name": "b", "kind": "member", "shifted": 0.375, "worst": 0.125, "clean": 0.5, "status": "fitted"},
        {"name": "soft", "kind": "rule", "shifted": 0.25, "worst": 0.0625, "clean": 0.75, "status": "fitted"},
        {"name": "broken", "kind": "member", "shifted": None, "worst": None, "status": "failed: no such file"},
    ]
    return ShiftTable(rows, where)


def test_scores_under_shift_stand_beside_the_clean_ones_and_leave_the_order():
    shifted = board().with_shift(under_shift())
    assert [row["name"] for row in shifted] == ["soft", "b", "broken"]
    soft, member, broken = shifted
    assert (soft["balanced_accuracy"], soft["shifted"], soft["worst"]) == (0.75, 0.25, 0.0625)
    assert (member["shifted"], broken["shifted"]) == (0.375, None)
    text = str(shifted)
    assert "balanced  shifted   worst" in text
    assert "0.7500   0.2500  0.0625" in text
    assert max(map(len, text.splitlines())) <= 120


def test_without_scores_under_shift_their_columns_are_empty_and_not_shown(tmp_path):
    assert "shifted" not in str(board())
    assert "seconds" in str(board())
    with board().to_csv(tmp_path / "board.csv").open() as file:
        assert next(csv.DictReader(file))["shifted"] == ""


def test_other_images_under_shift_are_said():
    assert board().with_shift(under_shift()).where == "12 images"
    assert board().with_shift(under_shift("6 of 12 images")).where == "12 images; shifted: 6 of 12 images"
