"""Groups that lie in several splits are found, and can be dropped from the lower ones."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.cleaning import CHECKS, apply, read_decisions
from zoo.cleaning.checks import find
from zoo.data import Splits

from .conftest import draw, images


@pytest.fixture(scope="module")
def splits():
    """Patients of ten images: p2 lies on both sides, ten images to train on and three to validate with."""
    drawn = draw(60)
    train = replace(images(drawn[:37], prefix="t"), groups=np.array([f"p{row // 10}" for row in range(37)]))
    others = [*["p2"] * 3, *["p9"] * 20]
    return Splits(train, replace(images(drawn[37:], prefix="v"), groups=np.array(others)))


def test_images_of_the_lower_split_are_listed_beside_one_of_the_higher(splits):
    found = find(splits, checks=["group"]).of("group")
    assert [one.origin for one in found] == [f"t{row}" for row in range(20, 30)]
    assert {(one.split, one.partner, one.partner_split) for one in found} == {("train", "v0", "validation")}
    assert {(one.score, one.group, one.note) for one in found} >= {(13.0, 0, found[0].note)}
    assert found[0].note.startswith("p2: 10 train, 3 validation")


def test_the_report_shows_them_and_its_decisions_part_the_groups(splits, tmp_path):
    table = find(splits, checks=["group"]).write(tmp_path / "report")
    assert (table.parent / "group.png").is_file()
    table.write_text(table.read_text().replace("\nkeep,", "\ndrop,"))
    clean = apply(splits, read_decisions(table))
    assert not set(clean.train.groups) & set(clean.validation.groups)
    assert len(clean.train) == 27


def test_without_groups_there_is_nothing_to_check(cells):
    assert find(Splits(cells.train.subset(np.arange(9))), checks=["exact"]).checks == ("exact",)
    with pytest.raises(ValueError, match=r"group.*--group-from"):
        find(cells, checks=["group"])
    assert "group" in CHECKS
