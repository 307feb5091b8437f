"""Decisions: what the user keeps stays, what is to go goes, and what is no decision is refused."""

import csv
import logging

import numpy as np
import pytest

from zoo.cleaning import Decisions, apply, read_decisions
from zoo.cleaning.checks import find
from zoo.cleaning.decisions import Place
from zoo.cleaning.preparation_options import Preparation
from zoo.cleaning.prepare import prepare
from zoo.data import Splits, as_images, drop_duplicates

from .conftest import draw, images


@pytest.fixture
def splits():
    """Two pictures that come twice, one of them in both splits."""
    drawn = draw(90)
    train = images(np.concatenate([drawn[:60], drawn[[2, 75]]]), [*(np.arange(60) % 3), 2, 0], prefix="t")
    return Splits(train, images(drawn[60:], prefix="v"))


@pytest.fixture
def table(splits, tmp_path):
    return find(splits, checks=["exact", "leak"]).write(tmp_path / "report")


def _edit(path, **decisions):
    """Change the decision on some origins, wherever they stand."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["decision"] = decisions.get(row["origin"], row["decision"])
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _origins(splits):
    return {name: images.origins.tolist() for name, images in splits.items()}


def test_what_is_suggested_for_exact_copies_is_what_drop_duplicates_leaves_out(splits, table):
    assert _origins(apply(splits, read_decisions(table))) == _origins(drop_duplicates(splits)[0])


def test_of_two_copies_the_one_that_says_drop_goes(splits, table):
    _edit(table, t2="drop", t60="keep", t61="keep", v15="drop")
    clean = apply(splits, read_decisions(table))
    assert {"t2", "v15"}.isdisjoint([*clean.train.origins, *clean.validation.origins])
    assert {"t60", "t61"} <= set(clean.train.origins)
    assert (len(clean.train), len(clean.validation)) == (61, 29)


def test_one_row_that_says_drop_is_enough(splits, table):
    text = table.read_text().splitlines()
    rows = [line for line in text if ",t61,red," in line]
    assert len(rows) == 2  # exact, and a leak
    table.write_text("\n".join([text[0], rows[0].replace("drop", "keep", 1), rows[1]]))
    assert "t61" not in apply(splits, read_decisions(table)).train.origins


def test_images_that_changed_since_stay_and_are_counted(splits, table, caplog):
    pixels = splits.train.pixels.copy()
    pixels[60] += 1
    changed = Splits(images(pixels, splits.train.labels, prefix="t"), splits.validation)
    with caplog.at_level(logging.INFO):
        clean = apply(changed, read_decisions(table))
    assert "t60" in clean.train.origins
    assert "1 of 4" in caplog.text
    assert "1 train, 0 validation" in caplog.text


def test_spreadsheets_may_write_the_file(splits, table):
    expected = read_decisions(table)
    table.write_text("\ufeff" + table.read_text().replace("drop", " DROP "), encoding="utf-8")
    assert read_decisions(table) == expected


def test_names_that_a_spreadsheet_changed_are_found_by_their_pixels(splits, caplog):
    """As of 00012 it makes 12; but which of two copies is meant, pixels do not say."""
    own = {str(o): d.hex() for o, d in zip(splits.train.origins, splits.train.digests, strict=True)}
    goes = {Place("train", name, own[origin]): True for name, origin in (("7", "t7"), ("2", "t2"))}
    with caplog.at_level(logging.WARNING, "zoo"):
        clean = apply(splits, Decisions(goes=goes))
    assert "t7" not in clean.train.origins
    assert {"t2", "t60"} <= set(clean.train.origins)
    assert "1 images are found by their pixels" in caplog.text
    assert "1 of 2 images are not in the data" in caplog.text


def test_prepare_follows_the_decisions(splits, table):
    _edit(table, t5="drop", t2="drop")
    prepared = prepare(splits, Preparation(decisions=str(table), drop_duplicates=False))
    assert _origins(prepared) == _origins(apply(splits, read_decisions(table)))
    assert _origins(prepare(splits, Preparation(decisions=str(table)))) == _origins(prepared)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("drop", "dropp", r"findings.csv.* 3.*'dropp'.*mean 'drop'"),
        ("drop", "", "drop or keep"),
        ("digest", "hash", "digest"),
    ],
)
def test_what_is_no_decision_is_refused(table, old, new, message):
    table.write_text(table.read_text().replace(old, new))
    with pytest.raises(ValueError, match=message):
        read_decisions(table)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00d", b'decision,split,origin,digest\n"drop,'])
def test_what_is_no_csv_is_refused(tmp_path, content):
    (tmp_path / "decisions.csv").write_bytes(content)
    with pytest.raises(ValueError, match=r"UTF-8.*decisions\.csv"):
        read_decisions(tmp_path / "decisions.csv")


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="zoo clean"):
        prepare(images(draw(6)), Preparation(decisions=str(tmp_path / "absent.csv")))


def test_a_class_of_which_nothing_is_left_is_an_error(splits):
    decisions = Decisions(goes=dict.fromkeys(_reds(splits), True), source="report/findings.csv")
    with pytest.raises(ValueError, match=r"report/findings\.csv.*red.*21.*keep"):
        apply(splits, decisions)


def test_decisions_of_which_none_matches_are_an_error(splits, table):
    smaller = Splits(
        *(images(part.pixels[:, ::2, ::2], part.labels, prefix=part.origins[0][0]) for _, part in splits.items())
    )
    with pytest.raises(ValueError, match=r"findings\.csv.*--image-size"):
        apply(smaller, read_decisions(table))


def test_a_report_without_findings_decides_nothing(splits, tmp_path):
    table = find(images(draw(30)), checks=["exact"]).write(tmp_path / "empty")
    assert _origins(apply(splits, read_decisions(table))) == _origins(splits)


def test_a_label_that_the_user_edited_is_an_error(splits, table):
    table.write_text(table.read_text().replace(",t2,blue,", ",t2,red,"))
    with pytest.raises(ValueError, match=r"'red'.*t2.*train.*'blue'"):
        apply(splits, read_decisions(table))


def test_labels_that_a_spreadsheet_made_numbers_are_the_same_classes(tmp_path):
    """Of 01 it makes 1, unless that is a class too."""
    pictures = np.random.default_rng(0).integers(0, 255, (6, 8, 8, 3), np.uint8)
    for names, alike in ((("01", "02"), True), (("01", "1"), False)):
        own = as_images(pictures, [0, 1] * 3, names)
        place = Place("train", str(own.origins[0]), own.digests[0].hex())
        decisions = Decisions(goes={place: False}, labels=frozenset({(place, "1")}))
        if alike:
            assert len(apply(Splits(own), decisions).train) == 6
        else:
            with pytest.raises(ValueError, match="Labels are not changed"):
                apply(Splits(own), decisions)


def test_a_table_without_labels_is_read_all_the_same(splits, table):
    expected = apply(splits, read_decisions(table))
    table.write_text(table.read_text().replace("label", "class", 1))
    assert _origins(apply(splits, read_decisions(table))) == _origins(expected)


def _reds(splits):
    from zoo.cleaning.decisions import Place

    train = splits.train
    rows = np.flatnonzero(train.labels == 0)
    return [Place("train", str(train.origins[row]), train.digests[row].hex()) for row in rows]
