"""The report: a table, a sheet for each check that found something, a summary."""

import csv

import numpy as np
import pytest
from PIL import Image

from zoo.cleaning.checks import find
from zoo.cleaning.findings import CHECKS
from zoo.cleaning.report import MEANING, check_folder
from zoo.cleaning.table import COLUMNS
from zoo.data import Splits

from .conftest import draw, images


@pytest.fixture(scope="module")
def findings():
    """An exact copy of one picture, and a leak of another, turned."""
    drawn = draw(90)
    train = images(np.concatenate([drawn[:60], drawn[:1], drawn[70:71, ::-1]]), prefix="train/")
    return find(Splits(train, images(drawn[60:], prefix="validation/")), checks=["exact", "leak", "cast"])


def test_the_table_has_a_row_a_finding(findings, tmp_path):
    path = findings.write(tmp_path / "report")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert COLUMNS[:2] == ("decision", "suggested")
    assert all(row["suggested"] == row["decision"] for row in rows)
    assert [row["origin"] for row in rows] == [one.origin for one in findings]
    assert [row["decision"] for row in rows if row["check"] == "exact"] == ["keep", "drop"]
    assert rows[-1]["check"] == "leak"
    assert rows[-1]["group"] == "1"


def test_there_is_a_sheet_for_each_check_that_found_something(findings, tmp_path):
    folder = findings.write(tmp_path / "report").parent
    assert sorted(path.name for path in folder.iterdir()) == ["exact.png", "findings.csv", "leak.png", "summary.md"]
    with Image.open(folder / "leak.png") as leak, Image.open(folder / "exact.png") as exact:
        assert leak.width > 1.8 * exact.width  # one pair, shown once; one picture


def test_the_summary_counts_and_says_that_nothing_was_deleted(findings, tmp_path):
    text = (findings.write(tmp_path / "report").parent / "summary.md").read_text()
    assert "| exact | the same pixels more than once | 2 | 1 |" in text
    assert "| cast | pictures in another light | 0 | 0 |" in text
    assert "62 train, 30 validation" in text
    assert "Nothing was deleted." in text


def test_an_earlier_report_is_replaced_and_other_folders_are_not(findings, tmp_path):
    findings.write(tmp_path / "report")
    (tmp_path / "report" / "label.png").touch()
    findings.write(tmp_path / "report")
    assert not (tmp_path / "report" / "label.png").exists()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").touch()
    with pytest.raises(FileExistsError, match="photos"):
        findings.write(tmp_path / "photos")


@pytest.mark.parametrize("stranger", ["important.txt", "catA/1.png", "findings-mine.csv", "notes.png"])
def test_nothing_that_the_report_did_not_write_ever_goes(findings, tmp_path, stranger):
    folder = findings.write(tmp_path / "report").parent
    (folder / "catA").mkdir()
    (folder / stranger).write_text("mine")
    with pytest.raises(FileExistsError, match=stranger):
        findings.write(folder)
    assert (folder / stranger).read_text() == "mine"


def test_a_report_is_written_where_a_link_leads_and_home_is_written_out(findings, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert findings.write(tmp_path / "link") == findings.write("~/real") == tmp_path / "real" / "findings.csv"
    assert check_folder(tmp_path / "link") == check_folder("~/link") == {}
    assert (tmp_path / "link").is_symlink()


def test_nothing_found_is_a_table_without_rows(tmp_path):
    path = find(images(draw(30)), checks=["exact"]).write(tmp_path / "report")
    assert path.read_text().strip() == ",".join(COLUMNS)


def test_every_check_has_a_meaning():
    assert tuple(MEANING) == CHECKS
