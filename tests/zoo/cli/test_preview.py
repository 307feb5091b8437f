"""``zoo preview``."""

import numpy as np
import pytest
from PIL import Image

from zoo.augment import make_policy
from zoo.cli.preview import preview


@pytest.mark.slow
@pytest.mark.fits
def test_a_sheet_of_the_policys_images(tmp_path):
    preview("demo", out=tmp_path / "sheet.png", augment=["rand", "flips"], magnitude=0.3)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert min(sheet.size) > 8 * 32


def test_a_policy_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"'composit'.*mean 'composite'"):
        preview("demo", out=tmp_path / "sheet.png", augment=["composit"])


def test_a_files_recipe_is_drawn_and_what_is_typed_comes_before_it(blobs, tmp_path, monkeypatch):
    images = tmp_path / "images.npz"
    np.savez(images, images=blobs.pixels, labels=blobs.labels)
    file = tmp_path / "file.toml"
    file.write_text('[recipe]\naugment = "rand"\nmagnitude = 0.9\nmix = "mixup"\nmix_alpha = 0.7')
    drawn = []
    monkeypatch.setattr("zoo.data.contact_sheet.preview", lambda *given, **options: drawn.append((given[1], options)))
    preview(str(images), file, tmp_path / "sheet.png", operations=1)
    preview(str(images), file, tmp_path / "sheet.png", augment=["flips"], mix="cutmix")
    (first, mixed), (second, other) = drawn
    assert first == make_policy("rand", magnitude=0.9, operations=1)
    assert (mixed["mix"], mixed["mix_alpha"]) == ("mixup", 0.7)
    assert second == make_policy("flips")
    assert (other["mix"], other["mix_alpha"]) == ("cutmix", None)
