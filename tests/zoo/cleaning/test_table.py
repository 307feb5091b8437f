"""The table: what the user changed comes back, and no earlier table is lost."""

import csv
import logging
import re
from dataclasses import replace

import numpy as np
import pytest

from zoo.cleaning.checks import find
from zoo.cleaning.table import changes, keep_table, read_table

from .conftest import draw, images


@pytest.fixture(scope="module")
def findings():
    """Three pictures that come twice."""
    drawn = draw(60)
    return find(images(np.concatenate([drawn, drawn[:3]])), checks=["exact"])


@pytest.fixture
def table(findings, tmp_path):
    return findings.write(tmp_path / "report")


def _decisions(path):
    return {row["origin"]: row["decision"] for row in read_table(path)}


def _edit(path, **decisions):
    rows = read_table(path)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "remark"])
        writer.writeheader()
        writer.writerows([row | {"decision": decisions.get(f"t{row['origin']}", row["decision"])} for row in rows])
    return path.read_bytes()


def test_changed_decisions_are_carried_over_and_the_earlier_table_stays(findings, table, caplog):
    edited = _edit(table, t0="drop", t60="keep")
    with caplog.at_level(logging.INFO):
        findings.write(table.parent)
    assert re.search(r"2 of 2.*findings-1\.csv", caplog.text)
    assert _decisions(table) == {"0": "drop", "60": "keep", "1": "keep", "61": "drop", "2": "keep", "62": "drop"}
    assert (table.parent / "findings-1.csv").read_bytes() == edited
    assert len(changes(table)) == 2


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_may_save_with_another_delimiter(table, delimiter):
    decisions, rows = _decisions(table), read_table(table)
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    assert _decisions(table) == decisions


def test_every_earlier_table_stays(findings, table):
    kept = []
    for decision in ("keep", "drop", "keep"):
        kept.append(_edit(table, t60=decision))
        findings.write(table.parent)
    assert [(table.parent / f"findings-{number}.csv").read_bytes() for number in (1, 2, 3)] == kept


def test_decisions_on_what_is_not_found_again_stay_in_the_earlier_table(findings, table, caplog):
    _edit(table, t60="keep")
    with caplog.at_level(logging.INFO):
        find(images(draw(60)), checks=["exact"]).write(table.parent)
    assert "0 of 1" in caplog.text
    assert _decisions(table) == {}
    assert _decisions(table.parent / "findings-1.csv")["60"] == "keep"


def test_the_same_report_again_changes_nothing(findings, table):
    before = {path.name: path.read_bytes() for path in table.parent.iterdir()}
    findings.write(table.parent)
    assert {path.name: path.read_bytes() for path in table.parent.iterdir()} == before


def test_a_table_without_suggestions_counts_as_decided(table):
    lines = [line.split(",", 2) for line in table.read_text().splitlines()]
    table.write_text("\n".join(f"{decision},{rest}" for decision, _, rest in lines))
    assert len(changes(table)) == 6


def test_a_table_that_cannot_be_read_is_not_replaced(findings, table):
    table.write_text(table.read_text().replace("drop", "remove"))
    with pytest.raises(ValueError, match="drop or keep"):
        findings.write(table.parent)
    assert "remove" in table.read_text()


def test_the_number_after_the_highest_is_taken(tmp_path):
    for name in ("findings-2.csv", "findings-10.csv", "findings.csv"):
        (tmp_path / name).write_text("new")
    earlier = tmp_path / "earlier" / "findings.csv"
    earlier.parent.mkdir()
    earlier.write_text("old")
    assert keep_table(earlier, tmp_path) == "findings-11.csv"
    assert keep_table(tmp_path / "findings.csv", tmp_path) is None
    assert keep_table(tmp_path / "absent.csv", tmp_path) is None


def test_bytes_that_are_no_text_come_back(tmp_path):
    drawn = draw(30)
    copied = images(np.concatenate([drawn, drawn[:1]]))
    names = np.array([f"b\udce9b{row}.png" for row in range(len(copied))], object)
    findings = find(replace(copied, origins=names), checks=["exact"])
    path = findings.write(tmp_path / "report")
    assert "b\\udce9b" in path.read_text(encoding="utf-8")
    assert set(_decisions(path)) <= set(names)
    assert not changes(path)
