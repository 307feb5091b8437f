"""Checks of arrays and labels: every refusal says what was expected, what came and what to do."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data import as_images
from zoo.data.checks import as_pixels, check_brightness
from zoo.data.labels import as_labels

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 0, 1])


def _refused(message):
    return pytest.raises(ValueError, match="^" + re.escape(message) + "$")


def test_uint8_images_are_not_copied():
    assert as_pixels(PIXELS) is PIXELS


@pytest.mark.parametrize("dtype", [np.int16, np.uint32, np.int64, np.float32, np.float64])
def test_numbers_of_0_to_255_become_the_same_uint8(dtype):
    pixels = as_pixels(PIXELS.astype(dtype))
    assert pixels.dtype == np.uint8
    np.testing.assert_array_equal(pixels, PIXELS)


def test_floats_are_rounded_and_it_is_said(caplog):
    caplog.set_level("INFO", "zoo.data")
    np.testing.assert_array_equal(as_pixels(np.full((1, 1, 1, 3), 6.6)), np.full((1, 1, 1, 3), 7))
    assert "float64 pixels of 0 to 255 were rounded to uint8" in caplog.text


@pytest.mark.parametrize("highest", [0, 0.5, 1])
def test_floats_of_0_to_1_are_refused_with_the_fix(highest):
    images = np.full((2, 4, 4, 3), highest, np.float32)
    with _refused(
        f"Expected pixels of 0 to 255; received float32 up to {highest:g}, which looks like 0 to 1. "
        "If so: np.rint(images * 255).astype('uint8')."
    ):
        as_pixels(images)


def test_a_dark_part_of_a_set_may_pass():
    assert as_pixels(np.ones((1, 2, 2, 3), np.float32), dark=True).max() == 1
    check_brightness(np.dtype(np.float32), 1.5)


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (0, 256), (-2.1, 2.6)])
def test_pixels_out_of_range_are_refused(low, high):
    images = np.linspace(low, high, 12).reshape(1, 2, 2, 3)
    with _refused(
        f"Expected pixels of 0 to 255; received {low:g} to {high:g}. Undo the normalisation: it is in the network."
    ):
        as_pixels(images)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_are_refused(value):
    images = PIXELS.astype(np.float32)
    images[2, 0, 0, 0] = value
    with _refused("Expected finite pixels of 0 to 255; received NaN or infinity. Find them: np.isnan(images)."):
        as_pixels(images)


@pytest.mark.parametrize("dtype", [bool, complex, "U3"])
def test_other_types_are_refused(dtype):
    with _refused(f"Expected uint8 images of 0 to 255; received {np.dtype(dtype)}."):
        as_pixels(PIXELS.astype(dtype))


@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((9, 8, 8), "For grey images: np.repeat(images[..., None], 3, axis=-1)."),
        ((9, 8, 8, 1), "For grey images: np.repeat(images, 3, axis=-1)."),
        ((8, 8, 3), "For one image: images[None]."),
        ((9, 8, 8, 4), "To drop the alpha channel: images[..., :3]."),
        ((9, 3, 8, 8), "To put the channels last: images.transpose(0, 2, 3, 1)."),
        ((9, 1, 8, 8), "To put the channels last: images.transpose(0, 2, 3, 1)."),
        ((9, 192), "Pass images of shape (N, H, W, 3)."),
        ((), "Pass images of shape (N, H, W, 3)."),
    ],
)
def test_other_shapes_are_refused_with_the_fix(shape, fix):
    with _refused(f"Expected RGB images (N, H, W, 3); received an array of shape {shape}. {fix}"):
        as_pixels(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(0, 8, 8, 3), (9, 0, 8, 3), (0,)])
def test_no_images_are_refused(shape):
    with _refused(f"Expected images; received none: an array of shape {shape}."):
        as_pixels(np.zeros(shape, np.uint8))


def test_mixed_sizes_are_refused_whether_a_list_or_an_object_array():
    mixed = [np.zeros((4, 4, 3), np.uint8), np.zeros((5, 5, 3), np.uint8)]
    with pytest.raises(ValueError, match=r"Expected images that fit one array; .* Load images of mixed sizes from a f"):
        as_pixels(mixed)
    objects = np.empty(2, object)
    objects[:] = mixed
    with pytest.raises(
        ValueError, match=r"received an object array, so images of mixed sizes\. Load them from a folde"
    ):
        as_pixels(objects)


@given(st.sampled_from(["int8", "uint8", "uint16", "int64", "uint64"]), st.booleans())
def test_integer_labels_of_any_width_and_either_shape_are_taken(dtype, column):
    labels = LABELS.astype(dtype)
    ids, names = as_labels(labels[:, None] if column else labels, 4)
    assert ids.dtype == np.int64
    np.testing.assert_array_equal(ids, LABELS)
    assert names == ("0", "1")


@pytest.mark.parametrize("labels", [["b", "a", "b"], [b"b", b"a", b"b"]])
@pytest.mark.parametrize("dtype", [None, object])
def test_names_become_labels_in_alphabetical_order(labels, dtype):
    ids, names = as_labels(np.array(labels, dtype), 3)
    assert names == ("a", "b")
    assert ids.tolist() == [1, 0, 1]


def test_names_keep_the_order_of_the_classes():
    ids, names = as_labels(np.array(["b", "a"]), 2, ["b", "a", "c"])
    assert names == ("b", "a", "c")
    assert ids.tolist() == [0, 1]


def test_names_beyond_the_classes_are_refused():
    with _refused("Expected labels among a, b; received also c, d."):
        as_labels(np.array(["d", "a", "c"]), 3, ["a", "b"])


@pytest.mark.parametrize("labels", [[0.0, 1.0], [False, True], [None, 1]])
def test_labels_that_are_no_integers_are_refused(labels):
    labels = np.array(labels)
    with _refused(f"Expected integer labels or names; received {labels.dtype}. Convert them: labels.astype('int64')."):
        as_labels(labels, 2)


@pytest.mark.parametrize("labels", [[-1, 1], [1, 2], [-2, -1]])
def test_labels_out_of_range_are_refused(labels):
    with _refused(f"Expected labels of 0 to 1 for 2 classes; received {labels[0]} to {labels[1]}. Count them from 0."):
        as_labels(np.array(labels), 2, ["a", "b"])


@pytest.mark.parametrize("labels", [[-1, 1], [0, 10**15], [-3, -2]])
def test_numbers_that_count_nothing_are_refused_without_counting_up_to_them(labels):
    with _refused(
        f"Expected labels counted from 0 without gaps; received {labels[0]} to {labels[1]} on 2 images. "
        "Number them: np.unique(labels, return_inverse=True)[1]."
    ):
        as_labels(np.array(labels), 2)


def test_one_hot_labels_are_refused_with_the_fix():
    with _refused(
        "Expected labels of shape (N,) or (N, 1); received (4, 2). If they are one-hot: labels.argmax(axis=1)."
    ):
        as_labels(np.eye(2)[LABELS], 4)


def test_another_number_of_labels_is_refused():
    with _refused("Expected one label an image; received 4 images and 3 labels."):
        as_images(PIXELS, LABELS[:3])


def test_a_class_that_comes_twice_or_a_bare_string_is_refused():
    with _refused("Expected every class once; received a more than once."):
        as_labels(LABELS, 4, ["a", "b", "a"])
    with _refused("Expected the classes as a list of names; received the string 'ab'."):
        as_labels(LABELS, 4, "ab")


def test_one_class_is_refused():
    with _refused("Expected at least 2 classes; received one ('0'): there is nothing to tell apart."):
        as_images(PIXELS, np.zeros(4, int))


def test_a_class_without_images_is_refused():
    with _refused(
        "Expected images of every class; none of 0, 2. Add some, or leave the class out"
        " (and number the labels from 0 without gaps)."
    ):
        as_images(PIXELS, np.array([1, 1, 3, 3]))


def test_a_split_may_lack_a_class():
    images = as_images(PIXELS, LABELS, ["a", "b", "c"], whole=False)
    assert images.counts.tolist() == [2, 2, 0]


def test_one_image_alone_is_one_class():
    with pytest.raises(ValueError, match="Expected at least 2 classes; received one"):
        as_images(PIXELS[:1], [0])


def test_origins_are_rows_unless_given():
    assert as_images(PIXELS, LABELS).origins.tolist() == ["row 0", "row 1", "row 2", "row 3"]
    origins = np.array(list("wxyz"))
    assert as_images(PIXELS, LABELS, origins=origins).origins is origins
