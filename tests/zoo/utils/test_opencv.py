"""OpenCV on first use: the same module as ``import cv2`` gives."""

import numpy as np
import pytest

from zoo.utils.opencv import cv2


def test_names_are_those_of_opencv():
    import cv2 as imported

    assert cv2.flip is imported.flip
    assert cv2.BORDER_REFLECT_101 == imported.BORDER_REFLECT_101
    assert np.array_equal(cv2.flip(np.eye(3, dtype=np.uint8), 1), np.eye(3)[:, ::-1])


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_filter"):
        _ = cv2.no_such_filter
