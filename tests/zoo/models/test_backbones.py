"""zoo/models/backbones: one contract, kept by every backbone of the register.

The reference of a backbone is ``keras.applications``' own network of that name after its own
``preprocess_input``, with ``weights="imagenet"``: the download is replaced by a file of random weights. Backbones
that are no application are their own reference.
"""

import gc
import inspect
import re
import shutil
import sys
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.utils import file_utils

from zoo import Member, build, names, spec
from zoo.export.optimise.stripping import lean
from zoo.models.cloning import copy_weights
from zoo.models.pretrained import WeightsNotFoundError
from zoo.models.registry import Spec

CLASSES = 5
# In the default run: every way of preparing pixels but ConvNeXt's is among them, and every trap of a download but those
# of EfficientNet and MobileNetV3.
QUICK = {"mobilenet_025", "simple_cnn", "simple_cnn_regularized", "vgg16"}
CLOSE = 1e-5  # of the largest logit
LEAN = 1e-7  # likewise, computed in float64
# whose download differs from their file in Keras, by layers, sizes or widths
WITH_TRAPS = {"efficientnet_b0", "efficientnet_lite0", "mobilenet_025", "mobilenet_v3_small", "simple_cnn", "vgg16"}
EVERY_NAME = [
    "convnext_base",
    "convnext_large",
    "convnext_small",
    "convnext_tiny",
    "convnext_xlarge",
    "densenet121",
    "densenet169",
    "densenet201",
    "efficientnet_b0",
    "efficientnet_b1",
    "efficientnet_b2",
    "efficientnet_b3",
    "efficientnet_b4",
    "efficientnet_b5",
    "efficientnet_b6",
    "efficientnet_b7",
    "efficientnet_lite0",
    "efficientnet_lite1",
    "efficientnet_lite2",
    "efficientnet_lite3",
    "efficientnet_lite4",
    "efficientnet_v2_b0",
    "efficientnet_v2_b1",
    "efficientnet_v2_b2",
    "efficientnet_v2_b3",
    "efficientnet_v2_l",
    "efficientnet_v2_m",
    "efficientnet_v2_s",
    "inception_resnet_v2",
    "inception_v3",
    "mobilenet",
    "mobilenet_025",
    "mobilenet_v2",
    "mobilenet_v2_035",
    "mobilenet_v3_large",
    "mobilenet_v3_small",
    "nasnet_large",
    "nasnet_mobile",
    "resnet50",
    "resnet50_v2",
    "resnet101",
    "resnet101_v2",
    "resnet152",
    "resnet152_v2",
    "simple_cnn",
    "simple_cnn_regularized",
    "vgg16",
    "vgg19",
    "xception",
]


def _here() -> list[str]:
    """All but KerasHub's, which have their own contract in hub/test_contract.py."""
    return [name for name in names() if spec(name).imagenet != "hub"]


def _names_but_slow(quick: set[str]) -> list[Any]:
    return [pytest.param(name, marks=[] if name in quick else pytest.mark.slow) for name in _here()]


@dataclass
class Case:
    """One backbone: its record, a file of sizeable random weights, a member with them, images and the reference."""

    record: Spec
    file: Path
    member: Member
    images: np.ndarray
    pixels: np.ndarray
    expected: np.ndarray


@pytest.fixture(scope="module", params=_names_but_slow(QUICK))
def case(request, tmp_path_factory):
    record = spec(request.param)
    file = tmp_path_factory.mktemp(record.name) / f"{record.name}.weights.h5"
    images = _images(record.min_size)
    _write_random_weights(record, images, file)
    member = build(record.name, CLASSES, image_size=record.min_size, weights=file)
    pixels = _prepared(member.model, images)
    features = _reference(record, file)(pixels)
    yield Case(record, file, member, images, pixels, np.asarray(member.model.get_layer("head")(features)))
    file.unlink()
    keras.backend.clear_session()
    gc.collect()


def _images(size: int) -> np.ndarray:
    random = np.random.default_rng(1)
    colours = random.integers(0, 200, (4, 1, 1, 3))
    return (colours + random.integers(0, 56, (4, size, size, 3))).astype(np.uint8)


def _write_random_weights(record: Spec, images: np.ndarray, file: Path) -> None:
    """Fresh networks are nearly blind (ConvNeXt's LayerScale is 1e-6), so that any two would agree."""
    keras.utils.set_random_seed(2)
    model = record.builder((record.min_size, record.min_size, 3))
    _randomise(model)
    _calibrate(model, _preprocessed(record, images))
    model.save_weights(file)


def _randomise(model: keras.Model) -> None:
    random = np.random.default_rng(3)
    draws = {
        "beta": lambda shape: random.normal(0, 0.1, shape),
        "bias": lambda shape: random.normal(0, 0.1, shape),
        "mean": lambda shape: random.uniform(0.2, 0.6, shape),
        "variance": lambda shape: random.uniform(0.05, 0.1, shape),
    }
    for weight in model.weights:
        if weight.name in draws:
            weight.assign(draws[weight.name](weight.shape))
        elif weight.shape and np.ptp(weight.numpy()) == 0:  # scales, of which LayerScale's have no name of their own
            weight.assign(random.uniform(0.5, 1.5, weight.shape))


def _calibrate(model: keras.Model, images: np.ndarray) -> None:
    """Let batch norms take the statistics of the images, as after training, so that no signal dies on the way."""
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for norm in norms:
        norm.momentum = 0.0
    if norms:
        model(images, training=True)


def _in_double(model: keras.Model) -> keras.Model:
    """A copy that computes in float64, for a deep random network makes much of a rounding."""

    def again(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        wider = {"dtype": "float64"} if config.get("dtype", "uint8") != "uint8" else {}
        return type(layer).from_config(config | wider)

    copied = keras.models.clone_model(model, clone_function=again, recursive=True)
    copy_weights(model, copied)
    return copied


def _application(name: str) -> tuple[Any, dict[str, float]]:
    """Find the application by its name in snake case; three digits at the end are the width in percent."""
    stem, width = re.fullmatch(r"(.+?)(?:_(\d{3}))?", name).groups()
    functions = {key.lower(): value for key, value in vars(keras.applications).items() if inspect.isfunction(value)}
    application = functions[stem.replace("_", "")]
    return application, {"alpha": int(width) / 100} if width else {}


def _reference(record: Spec, file: Path) -> keras.Model:
    shape = (record.min_size, record.min_size, 3)
    if record.imagenet != "keras":
        own = record.builder(shape)
        own.load_weights(file)
        return own
    application, options = _application(record.name)
    with _download_of(file), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`input_shape` is undefined")  # of MobileNet at small sizes
        return application(include_top=False, weights="imagenet", input_shape=shape, **options)


def _preprocessed(record: Spec, images: np.ndarray) -> np.ndarray:
    pixels = images.astype(np.float32)
    if record.imagenet != "keras":
        return pixels
    module = sys.modules[_application(record.name)[0].__module__]
    return module.preprocess_input(pixels)  # changes its argument in place, under some modes


@contextmanager
def _download_of(file: Path):
    """Hand ``file`` out in place of Keras' download."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_utils, "get_file", lambda *_, **__: str(file))
        yield


def _prepared(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """The pixels that the backbone is handed."""
    last = "normalise" if "normalise" in [layer.name for layer in model.layers] else "cast"
    return np.asarray(keras.Model(model.input, model.get_layer(last).output)(images))


def _answers(member: Member, images: np.ndarray) -> np.ndarray:
    """What ``member.logits`` gives, without the seconds that compiling takes."""
    return np.asarray(member.model(images, training=False))


def _assert_close(found: np.ndarray, expected: np.ndarray, share: float = CLOSE) -> None:
    np.testing.assert_allclose(found, expected, rtol=0, atol=share * np.abs(expected).max())


def test_every_promised_backbone_is_registered():
    assert set(EVERY_NAME) <= set(names())


@pytest.mark.parametrize("name", _here())
def test_a_size_below_the_smallest_is_refused_with_a_way_out(name):
    least = spec(name).min_size
    with pytest.raises(ValueError, match=rf"{least}x{least}.*'{name}'.*resize="):
        build(name, CLASSES, image_size=least - 1, weights=None).model  # noqa: B018


def test_the_backbone_is_handed_the_pixels_of_its_applications_preprocess_input(case):
    np.testing.assert_allclose(case.pixels, _preprocessed(case.record, case.images), atol=2e-5)


def test_the_member_is_the_application_with_the_same_head(case):
    """On the very pixels of the test above: a deep random network makes 1e-2 of a rounding of 1e-7."""
    assert np.ptp(case.expected, axis=0).max() > 0.01 * np.abs(case.expected).max(), "the reference is blind"
    _assert_close(_answers(case.member, case.images), case.expected)


def test_uint8_comes_in_and_float32_logits_go_out(case):
    logits = _answers(case.member, case.images)
    assert (logits.shape, logits.dtype) == ((len(case.images), CLASSES), np.float32)
    assert case.member.model.inputs[0].dtype == "uint8"


def test_the_record_counts_the_parameters(case):
    assert case.member.model.get_layer("backbone").count_params() == case.record.parameters


def test_no_fully_grouped_convolution_is_left(case):
    assert all(getattr(layer, "groups", 1) == 1 for layer in case.member.model.get_layer("backbone").layers)


def test_the_lean_network_answers_the_same(case):
    network = _in_double(case.member.model)
    found = lean(network)
    kinds = {type(operation).__name__ for operation in found.operations}
    assert not {"Dropout", "SeparableConv2D", "StochasticDepth"} & kinds
    _assert_close(np.asarray(found(case.images)), np.asarray(network(case.images)), LEAN)


def test_saved_and_loaded_it_answers_the_same(case, tmp_path):
    folder = case.member.save(tmp_path / "member")
    np.testing.assert_array_equal(_answers(Member.load(folder), case.images), _answers(case.member, case.images))
    shutil.rmtree(folder)  # pytest keeps folders, and the largest of these are of 1.4 GB


@pytest.mark.parametrize("case", _names_but_slow(WITH_TRAPS & QUICK), indirect=True)
def test_the_download_gives_the_network_of_the_file(case):
    if case.record.name == "nasnet_large":
        pytest.skip("other layers at its own size: see test_weights.py")
    if case.record.imagenet is None:
        with pytest.raises(ValueError, match="no ImageNet weights"):
            build(case.record.name, CLASSES, image_size=case.record.min_size, weights="imagenet").model  # noqa: B018
        return
    if case.record.imagenet == "file":
        with pytest.raises(WeightsNotFoundError, match=f"{case.record.name}.*weights_dir"):
            build(case.record.name, CLASSES, image_size=case.record.min_size, weights="imagenet").model  # noqa: B018
        return
    with _download_of(case.file):
        member = build(case.record.name, CLASSES, image_size=case.record.min_size, weights="imagenet")
        member.model.get_layer("head").set_weights(case.member.model.get_layer("head").get_weights())
    _assert_close(_answers(member, case.images), case.expected)
