import csv

import numpy as np
import pytest

from zoo.augment.corruptions import CORRUPTIONS
from zoo.evaluation.robustness import ShiftScores, as_entry
from zoo.report.corruption_table import ShiftTable

KINDS = len(CORRUPTIONS)


def entry(name, kind, level):
    corrupted = np.full((KINDS, 5), level)
    corrupted[[*CORRUPTIONS].index("motion_blur")] = (0.5, 0.4, 0.3, 0.2, 0.1)
    scores = ShiftScores(0.96875, corrupted, np.array([1.0, 0.0, level]), np.array([0, 0, 1]))
    return {"name": name, "kind": kind, "status": "fitted", **as_entry(scores)}


@pytest.fixture
def table():
    stacked = {"name": "stacked", "kind": "rule", "status": "fitted, not scored: too few rows"}
    rows = [entry("simple_cnn_regularized", "member", 0.25), stacked, entry("soft", "rule", 0.875)]
    return ShiftTable(rows, "12 images")


def test_best_under_shift_first_and_those_without_scores_last(table):
    assert [row["name"] for row in table] == ["soft", "simple_cnn_regularized", "stacked"]
    assert len({tuple(row) for row in table}) == 1


def test_a_row_has_the_summary_and_every_cell(table):
    soft = table[0]
    assert soft["shifted"] == pytest.approx(((KINDS - 1) * 0.875 + 0.3) / KINDS)
    assert (soft["clean"], soft["worst"], soft["worst_kind"]) == (0.96875, pytest.approx(0.3), "motion_blur")
    assert (soft["motion_blur_2"], soft["bubble_5"]) == (0.4, 0.875)
    assert 0 < soft["shifted_low"] < soft["shifted"] < soft["shifted_high"] < 1
    assert soft["rows"] == 3
    assert len(soft) == 10 + 5 * KINDS


def test_the_text_shows_severities_kinds_and_what_has_no_score(table):
    text = str(table)
    assert "Balanced accuracy under shift on 12 images" in text
    assert max(map(len, text.splitlines())) <= 120
    assert "…" not in text
    soft = [line.split() for line in text.splitlines() if line.split()[:1] == ["soft"]]
    by_severity = [f"{((KINDS - 1) * 0.875 + level) / KINDS:.3f}" for level in (0.5, 0.4, 0.3, 0.2, 0.1)]
    assert soft[0] == ["soft", "rule", "0.969", "0.827", "0.300", "motion_blur", *by_severity]
    assert soft[1] == ["soft", *["0.300" if kind == "motion_blur" else "0.875" for kind in CORRUPTIONS]]
    assert "stacked: fitted, not scored: too few rows" in text


def test_csv_has_unrounded_figures(table, tmp_path):
    with table.to_csv(tmp_path / "shift.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[0]["clean"]) == 0.96875
    assert float(rows[1]["motion_blur_5"]) == 0.1
    assert rows[2]["shifted"] == ""
