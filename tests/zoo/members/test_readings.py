import re

import keras
import numpy as np
import pytest

from zoo import Member
from zoo.data import as_images, split
from zoo.members.class_order import in_order
from zoo.members.readings import GOOD
from zoo.members.vetting import doubt_of
from zoo.models.from_keras import PIXELS, in_convention

pytestmark = pytest.mark.fits

COLOURS = np.random.default_rng(5).integers(50, 206, (6, 3)).astype("float32")


@pytest.fixture(scope="module")
def six():
    """Pictures of six colours."""
    random, labels = np.random.default_rng(0), np.arange(240) % 6
    pictures = COLOURS[labels][:, None, None] + random.normal(0, 40, (240, 8, 8, 3))
    return split(as_images(np.clip(pictures, 0, 255).astype(np.uint8), labels, list("abcdef")), validation=0.5)


def _trained_on(pixels, order=range(6)):
    """A network that takes the nearest colour, of pixels in one convention, for the class; columns in some order."""
    means = np.asarray(in_convention(keras.ops.reshape(COLOURS, (6, 1, 1, 3)), pixels))[:, 0, 0]
    scale, means = 3 / means.std(), 3 * means[list(order)] / means.std()
    images = keras.Input((8, 8, 3))
    ending = keras.layers.Dense(6)
    model = keras.Model(images, ending(keras.layers.GlobalAveragePooling2D()(images)))
    ending.set_weights([scale * means.T, -(means**2).sum(axis=1) / 2])
    return model


def _advice(member, data):
    return doubt_of(member, member.logits(data.validation), data.validation, data).text


@pytest.mark.parametrize("given", PIXELS)
@pytest.mark.parametrize("true", PIXELS)
def test_the_convention_that_is_advised_is_right_as_it_is_given(true, given, six):
    member = Member.from_keras(_trained_on(true), pixels=given)
    good = (member.logits(six.validation).argmax(axis=1) == six.validation.labels).mean() >= GOOD
    advised = re.findall(r"from_keras\(model, (.*?)\)", _advice(member, six))
    assert advised == ([] if good else [f"pixels='{true}'"])
    assert good or true != given


@pytest.mark.parametrize("given", ["as_is", "tf", "caffe"])
def test_so_is_that_of_a_member_that_was_kept_and_whose_columns_were_moved(given, six, tmp_path):
    order = [2, 0, 1, 5, 3, 4]
    names = [six.classes[column] for column in order]
    member = Member.from_keras(_trained_on("unit", order), pixels=given, classes=names)
    moved = in_order(Member.load(in_order(member, six.classes).save(tmp_path / "kept")), six.classes)
    assert "pixels='unit'" in _advice(moved, six)


def test_what_is_advised_has_the_pixels_and_the_order_that_were_given_rightly(six):
    order = [2, 0, 1, 5, 3, 4]
    names = [six.classes[column] for column in order]
    model = _trained_on("unit", order)
    wrong_order = in_order(Member.from_keras(model, pixels="unit", classes=names[::-1]), six.classes)
    wrong_pixels = in_order(Member.from_keras(model, pixels="tf", classes=names), six.classes)
    unordered = Member.from_keras(model, pixels="unit")
    for member in (wrong_order, wrong_pixels, unordered):
        assert f"from_keras(model, pixels='unit', classes={names})" in _advice(member, six)
