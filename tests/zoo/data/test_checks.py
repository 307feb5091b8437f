"""Checks of arrays and labels: every refusal says what was expected, what came and what to do."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoo.data import Splits, as_images
from zoo.data.checks import as_pixels
from zoo.data.class_names import FittedClasses
from zoo.data.labels import as_labels
from zoo.data.pictures.pixel_checks import check_brightness
from zoo.data.pictures.pixel_reading import as_reading

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 0, 1])


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
    assert re.search("float64.*rounded", caplog.text)


@pytest.mark.parametrize("highest", [0, 0.5, 1])
def test_floats_of_0_to_1_are_refused_with_the_fix(highest, refused):
    images = np.full((2, 4, 4, 3), highest, np.float32)
    with refused("0 to 255", f"{highest:g}", "np.rint(images * 255).astype('uint8')"):
        as_pixels(images)


def test_a_dark_part_of_a_set_may_pass():
    assert as_pixels(np.ones((1, 2, 2, 3), np.float32), dark=True).max() == 1
    check_brightness(np.dtype(np.float32), 15, 2)


def test_one_image_of_bytes_may_be_dark_by_itself(refused):
    dark = np.full((1, 2, 2, 3), 2, np.uint8)
    assert as_pixels(dark).max() == 2
    for images in (np.repeat(dark, 2, axis=0), dark.astype(np.float32)):
        with refused("nearly black" if images.dtype == np.uint8 else "0 to 1"):
            as_pixels(images)


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (0, 256), (-2.1, 2.6)])
def test_pixels_out_of_range_arerefused(low, high, refused):
    images = np.linspace(low, high, 12).reshape(1, 2, 2, 3)
    with refused("0 to 255", f"{low:g} to {high:g}", "normalisation"):
        as_pixels(images)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_arerefused(value, refused):
    images = PIXELS.astype(np.float32)
    images[2, 0, 0, 0] = value
    with refused("NaN", "np.isnan(images)"):
        as_pixels(images)


@pytest.mark.parametrize("dtype", [complex, "U3", "datetime64[s]"])
def test_other_types_arerefused(dtype, refused):
    with refused("uint8", str(np.dtype(dtype))):
        as_pixels(np.zeros(PIXELS.shape, dtype))


@pytest.mark.parametrize(
    ("shape", "fix"),
    [
        ((8, 8, 3), "images[None]"),
        ((8, 8, 4), "images[None]"),
        ((9, 8, 8, 2), "three channels"),
        ((9, 8, 8, 7), "three channels"),
        ((9, 3, 8, 8), "images.transpose(0, 2, 3, 1)"),
        ((9, 1, 8, 8), "images.transpose(0, 2, 3, 1)"),
        ((9, 192), "(N, H, W, 3)"),
        ((), "(N, H, W, 3)"),
    ],
)
def test_other_shapes_are_refused_with_the_fix(shape, fix, refused):
    with refused("(N, H, W, 3)", str(shape), fix):
        as_pixels(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(0, 8, 8, 3), (9, 0, 8, 3), (0,)])
def test_no_images_arerefused(shape, refused):
    with refused("images", str(shape)):
        as_pixels(np.zeros(shape, np.uint8))


NEARLY = np.where(PIXELS > 128, 1, 0)


@pytest.mark.parametrize(
    ("images", "remedy"),
    [
        ((PIXELS / 255).astype(np.uint8), "before the division"),
        (NEARLY.astype(np.uint8), "astype(bool)"),
        (NEARLY, "astype(bool)"),
        (NEARLY[..., 0], "astype(bool)"),
        (NEARLY.astype(np.uint16) * 3, "astype(bool)"),
        (PIXELS / 255 * 1.2, "np.clip(images, 0, 1) * 255"),
        (PIXELS / 254.9, "np.clip(images, 0, 1) * 255"),
        (PIXELS / 255 * 1.04 - 0.02, "np.clip(images, 0, 1) * 255"),
        ((PIXELS / 255).astype(np.float16)[..., :1], "np.rint(images * 255)"),
        (np.concatenate([NEARLY, NEARLY[..., :1] * 255], axis=-1).astype(np.uint8), "nearly black"),
    ],
)
def test_what_would_be_nearly_black_is_refused_with_the_remedy(images, remedy, refused):
    with refused("0 to 255", remedy):
        as_pixels(images)
    with refused("0 to 255", remedy):
        as_images(images, LABELS)


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (PIXELS // 32, PIXELS // 32),
        ((PIXELS // 32).astype(np.float32), PIXELS // 32),
        (NEARLY.astype(np.uint8) * 255, NEARLY * 255),
        (NEARLY.astype(bool), NEARLY * 255),
        (PIXELS * 0, PIXELS * 0),
        (PIXELS.astype(np.int64), PIXELS),
        (PIXELS[:, :1, :1], PIXELS[:, :1, :1]),
    ],
)
def test_honest_dark_pictures_and_masks_pass(images, expected):
    np.testing.assert_array_equal(as_pixels(images), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("axis", [False, True])
def test_grey_becomes_rgb_and_it_is_said_once(dtype, axis, caplog):
    caplog.set_level("INFO", "zoo.data")
    grey = PIXELS[..., :1].astype(dtype)
    pixels = as_pixels(grey if axis else grey[..., 0])
    np.testing.assert_array_equal(pixels, np.repeat(PIXELS[..., :1], 3, axis=-1))
    assert caplog.text.count("4 grey images") == 1


def test_transparent_pixels_are_laid_over_the_background_and_it_is_said_once(caplog):
    images = np.concatenate([PIXELS, np.full((*PIXELS.shape[:3], 1), 255, np.uint8)], axis=-1)
    images[1, 0, 0, 3], images[2, 0, 0, 3] = 0, 51
    pixels = as_pixels(images, as_reading(background=(10, 20, 30)))
    assert pixels[1, 0, 0].tolist() == [10, 20, 30]
    np.testing.assert_array_equal(pixels[2, 0, 0], np.rint(PIXELS[2, 0, 0] * 0.2 + np.array([10, 20, 30]) * 0.8))
    np.testing.assert_array_equal(pixels[[0, 3]], PIXELS[[0, 3]])
    assert caplog.text.count("2 images have transparent") == 1


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_a_depth_range_scales_any_numbers_but_bytes(dtype):
    reading = as_reading(depth_range=(0, 2550))
    np.testing.assert_array_equal(as_pixels(PIXELS.astype(dtype) * 10, reading), PIXELS)
    np.testing.assert_array_equal(as_pixels(PIXELS.astype(dtype)[..., 0] * 10, reading)[..., 2], PIXELS[..., 0])
    np.testing.assert_array_equal(as_pixels(PIXELS, reading), PIXELS)


@pytest.mark.parametrize("images", [PIXELS / 255, PIXELS.astype(np.int64), PIXELS.astype(np.uint16)])
def test_a_depth_range_that_leaves_nothing_is_refused(images, refused):
    with refused("depth range", "nearly black"):
        as_pixels(images, as_reading(depth_range=(0, 65535)))
    assert not as_pixels(np.full((1, 2, 2, 3), 90, np.uint16), as_reading(depth_range=(100, 900))).any()


def test_a_range_is_chosen_from_training_arrays_of_16_bits_and_from_no_others(refused, caplog):
    deep = PIXELS.astype(np.uint16) * 257
    images = as_images(deep, LABELS)
    np.testing.assert_array_equal(images.pixels, PIXELS)
    assert images.reading.depth_range == (0, 65535)
    assert images.subset(LABELS == 0).reading == images.reading
    assert "--depth-range" in caplog.text
    with refused("to 65535", "depth_range"):
        as_images(deep, LABELS, chooses=False)
    assert as_images(PIXELS.astype(np.uint16), LABELS).reading.is_plain


def test_an_object_array_of_equal_images_is_one_array():
    objects = np.empty(4, object)
    objects[:] = list(PIXELS)
    np.testing.assert_array_equal(as_pixels(objects), PIXELS)
    objects[:] = [image.astype(object) for image in PIXELS]
    for numbers in (objects, PIXELS.astype(object), PIXELS.astype(float).astype(object)):
        np.testing.assert_array_equal(as_pixels(numbers), PIXELS)


@pytest.mark.parametrize(
    "named", ["new_images", Path("new_images"), ["new_images/a.png"], np.array(["new_images/a.png"])]
)
def test_paths_are_refused_with_what_takes_them(named, refused):
    with refused("path", "new_images", "zoo.predict", "zoo.load"):
        as_pixels(named)


def test_all_splits_at_once_are_refused(blobs, refused):
    with refused("Splits", "splits.test"):
        as_pixels(Splits(blobs, blobs))


def test_mixed_sizes_are_refused_whether_a_list_or_an_object_array(refused):
    mixed = [np.zeros((4, 4, 3), np.uint8), np.zeros((5, 5, 3), np.uint8)]
    with refused("one array", "folder"):
        as_pixels(mixed)
    objects = np.empty(2, object)
    objects[:] = mixed
    with refused("object array", "folder"):
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
def test_names_become_labels_in_natural_order(labels, dtype):
    ids, names = as_labels(np.array(labels, dtype), 3)
    assert names == ("a", "b")
    assert ids.tolist() == [1, 0, 1]


def test_names_keep_the_order_of_the_classes():
    ids, names = as_labels(np.array(["b", "a"]), 2, ["b", "a", "c"])
    assert names == ("b", "a", "c")
    assert ids.tolist() == [0, 1]


def test_names_beyond_the_classes_arerefused(refused):
    with refused("a, b", "c, d"):
        as_labels(np.array(["d", "a", "c"]), 3, ["a", "b"])


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        (["catt", "dog"], ("also cat", "'catt' of classes (zoo: --classes)", "mean 'cat'")),
        (["cat"], ("also dog", "correct the classes.")),
        (FittedClasses(["catt", "dog"]), ("also cat", "name them as the classes are")),
    ],
)
def test_of_names_that_the_user_typed_the_labels_are_right(classes, told, refused):
    with refused(*told):
        as_labels(np.array(["cat", "dog"]), 2, classes)


@pytest.mark.parametrize("labels", [[0.0, 1.0], [False, True]])
def test_labels_that_are_no_integers_are_refused(labels, refused):
    labels = np.array(labels)
    with refused(str(labels.dtype), "labels.astype('int64')"):
        as_labels(labels, 2)


@pytest.mark.parametrize("labels", [[-1, 1], [1, 2], [-2, -1]])
def test_labels_out_of_range_arerefused(labels, refused):
    with refused("0 to 1", f"{labels[0]} to {labels[1]}"):
        as_labels(np.array(labels), 2, ["a", "b"])


@pytest.mark.parametrize("labels", [[-1, 1], [0, 10**15], [-3, -2]])
def test_numbers_that_count_nothing_are_refused_without_counting_up_to_them(labels, refused):
    with refused(f"{labels[0]} to {labels[1]}", "np.unique(labels, return_inverse=True)[1]"):
        as_labels(np.array(labels), 2)


def test_one_hot_labels_are_refused_with_the_fix(refused):
    with refused("(4, 2)", "labels.argmax(axis=1)"):
        as_labels(np.eye(2)[LABELS], 4)


def test_another_number_of_labels_isrefused(refused):
    with refused("4 images", "3 labels"):
        as_images(PIXELS, LABELS[:3])


def test_a_class_that_comes_twice_or_a_bare_string_isrefused(refused):
    with refused("once", " a "):
        as_labels(LABELS, 4, ["a", "b", "a"])
    with refused("list", "'ab'"):
        as_labels(LABELS, 4, "ab")


def test_one_class_isrefused(refused):
    with refused("2 classes", "'0'"):
        as_images(PIXELS, np.zeros(4, int))


def test_a_class_without_images_isrefused(refused):
    with refused("none of 0, 2.", "from 0 without gaps", "Ensemble.fit(X, y)"):
        as_images(PIXELS, np.array([1, 1, 3, 3]))
    with refused("none of c.", "leave the class out") as error:
        as_images(PIXELS, np.array([0, 0, 1, 1]), ["a", "b", "c"])
    assert "fit(X, y)" not in str(error.value)


def test_a_split_may_lack_a_class():
    images = as_images(PIXELS, LABELS, ["a", "b", "c"], whole=False)
    assert images.counts.tolist() == [2, 2, 0]


def test_one_image_alone_is_one_class():
    with pytest.raises(ValueError, match="2 classes"):
        as_images(PIXELS[:1], [0])


def test_origins_are_rows_unless_given():
    assert as_images(PIXELS, LABELS).origins.tolist() == ["row 0", "row 1", "row 2", "row 3"]
    origins = np.array(list("wxyz"))
    assert as_images(PIXELS, LABELS, origins=origins).origins is origins


@pytest.mark.parametrize(("dtype", "opaque"), [("uint16", 65535), ("int32", 65535), ("int64", 4095), ("uint16", 4095)])
def test_the_alpha_of_any_type_and_depth_is_opaque_at_its_full_value(dtype, opaque):
    colours = np.random.default_rng(0).integers(0, 4096, (6, 4, 4, 3))
    with_alpha = np.concatenate([colours, np.full((6, 4, 4, 1), opaque)], axis=-1).astype(dtype)
    reading = as_reading(depth_range=(0, 4095))
    np.testing.assert_array_equal(as_pixels(with_alpha, reading), as_pixels(colours.astype("uint16"), reading))


@pytest.mark.parametrize("dtype", ["uint16", "int64", "float32"])
def test_what_a_transparent_image_becomes_depends_on_no_other_image(dtype):
    pixels = np.random.default_rng(0).integers(0, 65536, (3, 4, 4, 4)).astype(dtype)
    pixels[0, ..., 3], pixels[1, ..., 3] = 8000, 65535
    reading = as_reading(depth_range=(0, 65535))
    together = as_pixels(pixels, reading)
    np.testing.assert_array_equal(together, [as_pixels(pixels[row : row + 1], reading)[0] for row in range(3)])
    if dtype != "float32":  # whose alpha may be of 0 to 1
        assert together[0].min() >= 223  # 8000 of 65535 of black over white


def test_names_of_numbers_are_counted_as_people_count():
    labels = np.array(["10", "2", "1", "10", "2", "1"])
    assert as_labels(labels, 6)[1] == ("1", "2", "10")
