"""zoo/data/pictures/pillow_arrays.py: lists of Pillow's images have the pixels of the files that these would be."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from zoo.data.loading import load
from zoo.data.pictures.image_io import read
from zoo.data.pictures.pixel_checks import as_stack

SIZE = (8, 12)


def _pictures(mode):
    random = np.random.default_rng(0)
    plain = [Image.fromarray(random.integers(0, 256, (*SIZE, 3), np.uint8)) for _ in range(4)]
    return [image.quantize(16) if mode == "P" else image.convert(mode) for image in plain]


def _as_file(image):
    written = BytesIO()
    image.save(written, "TIFF" if image.mode in ("CMYK", "LAB") else "PNG")
    return written.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_pixels_are_those_of_files(mode):
    images = _pictures(mode)
    listed = load(images, [0, 1] * 2).train.take(np.arange(4))
    np.testing.assert_array_equal(listed, [read(_as_file(image), SIZE) for image in images])


def test_transparent_colours_and_turned_images_are_read_as_files():
    clear, turned = _pictures("P"), _pictures("RGB")
    for image in clear:
        image.info["transparency"] = 3
    for image in turned:
        image.getexif()[0x112] = 6
    np.testing.assert_array_equal(load(clear, [0, 1] * 2).train.take([0])[0], read(clear[0], SIZE))
    np.testing.assert_array_equal(as_stack(turned)[0], read(turned[0], SIZE[::-1]))


def test_modes_may_be_mixed_and_deep_images_keep_their_numbers():
    grey, coloured = _pictures("L")[0], _pictures("RGB")[1]
    np.testing.assert_array_equal(as_stack([grey, coloured])[0], np.asarray(grey.convert("RGB")))
    deep = Image.fromarray(np.arange(96, dtype=np.uint16).reshape(SIZE) * 600)
    np.testing.assert_array_equal(as_stack([deep, deep])[1], np.asarray(deep))
