"""zoo/models/preprocessing.py against keras.applications, SciPy and Pillow."""

import keras
import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from zoo import Ensemble, build
from zoo.models import preprocessing as pixels

MODULES = {"caffe": "resnet", "tf": "mobilenet_v2", "torch": "densenet", "inside": "convnext"}


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (3, 11, 8, 3), dtype=np.uint8)


def _graph(shape, *steps):
    images = x = keras.Input(shape, dtype="uint8", name="images")
    for step in (pixels.cast, *steps):
        x = step(x)
    return keras.Model(images, x)


def _run(images, *steps):
    return np.asarray(_graph(images.shape[1:], *steps)(images))


def test_cast_keeps_the_values(images):
    cast = _run(images)
    assert cast.dtype == np.float32
    np.testing.assert_array_equal(cast, images)


@pytest.mark.parametrize("convention", MODULES)
def test_a_convention_is_that_of_keras_applications(images, convention):
    preprocess_input = getattr(keras.applications, MODULES[convention]).preprocess_input
    found = _run(images, lambda x: pixels.normalise(x, convention))
    np.testing.assert_allclose(found, preprocess_input(images.astype(np.float32)), atol=2e-5)


def test_high_pass_is_the_image_less_its_blur_with_mirrored_borders(images):
    kernel = pixels.BLUR[None, :, :, None]
    blurred = ndimage.convolve(images.astype(np.float64), kernel, mode="mirror")  # SciPy's word for NumPy's "reflect"
    expected = np.clip(4 * (images - blurred) + 127.5, 0, 255)
    np.testing.assert_allclose(_run(images, pixels.high_pass), expected, atol=1e-3)


def test_high_pass_leaves_flat_images_grey_up_to_the_border():
    flat = np.full((1, 6, 6, 3), 200, np.uint8)
    np.testing.assert_allclose(_run(flat, pixels.high_pass), pixels.GREY, atol=1e-4)


def test_high_pass_does_not_train(images):
    assert not _graph(images.shape[1:], pixels.high_pass).trainable_weights


def test_shrinking_smooths_first_as_pillow_does():
    stripes = np.zeros((1, 32, 32, 3), np.uint8)
    stripes[:, :, ::2] = 255
    shrunk = _run(stripes, lambda x: pixels.resize(x, (8, 8)))
    expected = np.asarray(Image.fromarray(stripes[0]).resize((8, 8), Image.Resampling.BILINEAR), np.float32)
    np.testing.assert_allclose(shrunk[0], expected, atol=1.0)  # Pillow rounds to whole numbers


def test_enlarging_is_bilinear(images):
    found = _run(images, lambda x: pixels.resize(x, (22, 16)))
    expected = np.asarray(Image.fromarray(images[0]).resize((16, 22), Image.Resampling.BILINEAR), np.float32)
    np.testing.assert_allclose(found[0], expected, atol=1.0)


@pytest.mark.parametrize("convention", MODULES)
def test_all_of_it_survives_saving(images, convention, tmp_path):
    graph = _graph(
        images.shape[1:],
        pixels.high_pass,
        lambda x: pixels.resize(x, (9, 9)),
        lambda x: pixels.normalise(x, convention),
    )
    graph.save(tmp_path / "graph.keras")
    loaded = keras.saving.load_model(tmp_path / "graph.keras", safe_mode=True)
    np.testing.assert_array_equal(np.asarray(loaded(images)), np.asarray(graph(images)))


def test_pixels_stay_float32_under_mixed_precision(images):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        found = _run(
            images, pixels.high_pass, lambda x: pixels.resize(x, (9, 9)), lambda x: pixels.normalise(x, "torch")
        )
    finally:
        keras.config.set_dtype_policy(before)
    assert found.dtype == np.float32


@pytest.fixture
def channels_first():
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format(before)


def test_channels_first_is_told_in_one_line(blobs, channels_first, refused):
    with refused("channels_last", "set_image_data_format", error=RuntimeError):
        Ensemble(["simple_cnn"]).fit(blobs)
    with refused("channels_last", error=RuntimeError):
        build("simple_cnn", 3).fit(blobs)
