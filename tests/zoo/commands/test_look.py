"""``zoo preview``."""

import pytest
from PIL import Image

from zoo.commands.look import preview


def test_a_sheet_of_the_policys_images(tmp_path):
    preview("demo", tmp_path / "sheet.png", augment=["rand", "flips"], magnitude=0.3)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert min(sheet.size) > 8 * 32


def test_a_policy_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"received 'composit'\. Did you mean 'composite'"):
        preview("demo", tmp_path / "sheet.png", augment=["composit"])
