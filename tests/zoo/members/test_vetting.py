import logging
import re

import keras
import numpy as np
import pytest

from zoo import Member
from zoo.data import as_images, split
from zoo.members.class_order import in_order
from zoo.members.vetting import doubt_of

pytestmark = pytest.mark.fits

SEEN = np.eye(3)  # each class by its colour


def _by_colour(kernel=SEEN, activation="linear", dense=None):
    """A network that needs no training: the mean of each channel is the logit of a class."""
    images = keras.Input((16, 16, 3))
    ending = dense or keras.layers.Dense(3, use_bias=False)
    pooled = keras.layers.Activation(activation)(keras.layers.GlobalAveragePooling2D()(images))
    model = keras.Model(images, ending(pooled), name="net")
    if dense is None:
        ending.set_weights([np.asarray(kernel, "float32")])
    return model


@pytest.fixture(scope="module")
def data(blobs):
    return split(blobs, validation=0.25)


def _doubt(member, data):
    """The reason to refuse a member, or ""."""
    doubt = doubt_of(member, member.logits(data.validation), data.validation, data)
    return doubt.text if doubt.refuses else ""


def test_a_good_member_is_taken_without_a_word(data, caplog):
    assert _doubt(Member.from_keras(_by_colour()), data) == ""
    assert not caplog.records


@pytest.mark.parametrize("order", [[1, 2, 0], [0, 2, 1]])
def test_columns_in_another_order_are_refused_with_the_order_that_fits(order, data):
    names = np.array(data.classes)[order].tolist()
    model = _by_colour(SEEN[:, order])
    reason = _doubt(Member.from_keras(model), data)
    assert f"classes={names!r}" in reason
    fixed = in_order(Member.from_keras(model, classes=names), data.classes)
    assert _doubt(fixed, data) == ""


@pytest.mark.parametrize(
    ("order", "given"), [([1, 2, 0], [2, 1, 0]), ([2, 0, 1], [2, 1, 0]), ([1, 0, 2], [2, 1, 0]), ([1, 2, 0], [0, 2, 1])]
)
def test_the_order_that_is_advised_is_that_of_the_networks_own_columns(order, given, data, caplog):
    true, wrong = ([data.classes[label] for label in one] for one in (order, given))
    model = _by_colour(SEEN[:, order])
    _doubt(in_order(Member.from_keras(model, classes=wrong), data.classes), data)
    assert f"classes={true!r}" in caplog.text
    assert not _doubt(in_order(Member.from_keras(model, classes=true), data.classes), data)


def test_an_order_that_was_given_by_name_is_the_users_word(data, caplog):
    member = Member.from_keras(_by_colour(SEEN[:, [1, 2, 0]]), classes=data.classes)
    assert _doubt(member, data) == ""
    assert "classes=" in caplog.text


@pytest.mark.parametrize("pixels", ["unit", "tf", "torch"])
def test_pixels_in_another_convention_are_warned_of_with_the_one_that_fits(pixels, data, caplog):
    """Beyond 10 a hyperbolic tangent is 1, so that all classes look alike."""
    model = _by_colour(SEEN, "tanh")
    assert _doubt(Member.from_keras(model), data) == ""
    assert "pixels=" in caplog.text
    caplog.clear()
    assert _doubt(Member.from_keras(model, pixels=pixels), data) == ""
    assert not caplog.records


@pytest.fixture(scope="module")
def four():
    """Pictures of four colours, the last white."""
    random, labels = np.random.default_rng(0), np.arange(80) % 4
    colours = np.array([[200, 60, 60], [60, 200, 60], [60, 60, 200], [200, 200, 200]])[labels][:, None, None]
    pictures = np.clip(colours + random.normal(0, 30, (80, 16, 16, 3)), 0, 255).astype(np.uint8)
    return split(as_images(pictures, labels), validation=0.25)


def _of_four(order=(0, 1, 2, 3)):
    """A network that tells the four colours of pixels from 0 to 1, its columns in some order."""
    model = _by_colour(SEEN, "tanh", keras.layers.Dense(4))
    white = np.full((3, 1), 0.6)
    kernel, bias = 20 * np.hstack([2 * SEEN - 1, white]), 20 * np.array([0, 0, 0, -0.8])
    model.layers[-1].set_weights([kernel[:, order], bias[list(order)]])
    return model


def test_pixels_in_another_convention_are_refused_where_luck_is_no_reason(four):
    assert "pixels='" in _doubt(Member.from_keras(_of_four()), four)
    assert "pixels='" in _doubt(Member.from_keras(_of_four(), classes=four.classes), four)  # no word about pixels
    assert _doubt(Member.from_keras(_of_four(), pixels="unit"), four) == ""


@pytest.mark.parametrize("order", [(1, 2, 3, 0), (3, 2, 1, 0)])
def test_pixels_and_order_together_are_refused_likewise(order, four):
    model = _of_four(order)
    reason = _doubt(Member.from_keras(model), four)
    assert re.search(r"pixels='\w+' and classes=\[.*zoo fit FILE.toml with \[\[members\]\]", reason)
    classes = [four.classes[column] for column in order]
    fixed = in_order(Member.from_keras(model, pixels="unit", classes=classes), four.classes)
    assert _doubt(fixed, four) == ""


def test_blue_before_red_is_found(data, caplog):
    model = _by_colour(SEEN[::-1])
    assert _doubt(Member.from_keras(model), data) == ""
    assert "pixels='bgr'" in caplog.text
    assert _doubt(Member.from_keras(model, pixels="bgr"), data) == ""


def test_both_together_are_warned_of(data, caplog):
    model = _by_colour(np.roll(SEEN, 1, axis=1), "tanh")
    assert _doubt(Member.from_keras(model), data) == ""
    assert re.search(r"pixels='.*classes=\[", caplog.text)


def test_a_network_that_guesses_is_warned_of_and_goes_on(data, caplog):
    assert _doubt(Member.from_keras(_by_colour(np.zeros((3, 3)))), data) == ""
    assert "chance" in caplog.text


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(value, data):
    reason = _doubt(Member.from_keras(_by_colour(np.full((3, 3), value))), data)
    assert re.search("NaN.*24 of 24", reason)


def test_probabilities_that_nothing_recognised_are_refused(data):
    member = Member.from_keras(_by_colour())
    logits = np.asarray(keras.ops.softmax(member.logits(data.validation)))
    assert "probabilities" in doubt_of(member, logits, data.validation, data).text


def test_a_member_that_was_trained_on_held_out_images_is_refused(data, caplog):
    member = Member.from_keras(_by_colour())
    member.learned_from = frozenset(data.validation.digests[:1])
    assert _doubt(member, data) == ""
    assert "1 of 24 trained it" in caplog.text
    member.learned_from = frozenset(data.validation.digests[:2])
    assert "2 of 24 trained it" in _doubt(member, data)
    turned = Member.from_keras(_by_colour(SEEN[:, [1, 2, 0]]))
    turned.learned_from = frozenset(data.validation.digests[:1])
    assert "classes=" in _doubt(turned, data)  # few of them hide no other doubt
    weak = Member.from_keras(_by_colour(np.zeros((3, 3))))
    weak.learned_from = frozenset(data.validation.digests[:1])
    doubt = doubt_of(weak, weak.logits(data.validation), data.validation, data)
    assert re.search("1 of 24 trained it.*like chance", doubt.text)
    assert not doubt.refuses


@pytest.mark.parametrize("seed", range(5))
def test_a_weak_but_honest_member_passes(seed, data, caplog):
    kernel = SEEN + np.random.default_rng(seed).normal(0, 0.7, (3, 3))
    with caplog.at_level(logging.ERROR):
        assert _doubt(Member.from_keras(_by_colour(kernel)), data) == ""
