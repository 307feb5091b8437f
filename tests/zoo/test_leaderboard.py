import csv

from zoo.leaderboard import Leaderboard


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
