"""zoo/data/class_names.py: classes with hardly any images."""

import logging

import numpy as np
import pytest

from zoo.data import as_images
from zoo.data.class_names import warn_of_rare_classes
from zoo.data.images import Splits


def _images(labels):
    names = ("platelet", "Platelett", "ig", "basophil")
    pixels = np.full((len(labels), 4, 4, 3), 9, np.uint8)
    return as_images(pixels, np.array(labels), names, whole=False)


@pytest.mark.parametrize(
    ("train", "validation", "said", "unsaid"),
    [
        (
            [0] * 12 + [1] + [2] * 5 + [3] * 5,
            None,
            ("'Platelett' (1 to train on) - did you mean 'platelet'",),
            ("'ig'",),
        ),
        ([0, 1, 2, 3] * 10, [0, 1, 3], ("'ig' (10 to train on, none for validation)",), ("platelet", "mean")),
        ([0, 1, 2, 3] * 10, [0, 1, 2, 3], (), ("hardly",)),
        ([0, 1, 2, 3] * 2, None, (), ("hardly",)),
    ],
)
def test_they_are_named_with_the_name_that_may_be_meant(train, validation, said, unsaid, caplog):
    with caplog.at_level(logging.WARNING, "zoo"):
        warn_of_rare_classes(Splits(_images(train), validation and _images(validation)))
    assert all(words in caplog.text for words in said)
    assert not any(words in caplog.text for words in unsaid)
