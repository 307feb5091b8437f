import unicodedata

import keras
import numpy as np
import pytest

from zoo import Member
from zoo.members.averaging import average
from zoo.members.build import build
from zoo.members.class_order import in_order

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)


def _member(classes=None):
    images = keras.Input((8, 8, 3))
    ending = keras.layers.Dense(4, kernel_initializer="random_normal")
    return Member.from_keras(keras.Model(images, ending(keras.layers.Flatten()(images))), "net", classes=classes)


def test_columns_are_put_into_the_order_of_the_classes_by_their_names():
    member = _member([1, 10, 2, 20])
    moved = in_order(member, ("1", "2", "10", "20"))
    np.testing.assert_allclose(moved.logits(PICTURES), member.logits(PICTURES)[:, [0, 2, 1, 3]], atol=1e-5)
    assert (moved.classes, moved.named) == (("1", "2", "10", "20"), True)


def test_an_order_over_an_order_is_saved_and_loaded(tmp_path):
    member = _member(["d", "c", "b", "a"])
    there = in_order(member, ("a", "b", "c", "d"))
    loaded = Member.load(there.save(tmp_path / "member"))
    back = in_order(loaded, ("d", "c", "b", "a"))
    np.testing.assert_allclose(back.logits(PICTURES), member.logits(PICTURES), atol=1e-5)


@pytest.mark.parametrize("classes", [None, ["a", "b", "c", "d"]])
def test_a_member_that_is_in_order_or_has_no_names_is_left_alone(classes):
    member = _member(classes)
    assert in_order(member, ("a", "b", "c", "d")) is member


def test_names_of_another_unicode_form_are_the_same():
    member = _member(["café", "b", "c", "d"])
    wanted = (unicodedata.normalize("NFD", "café"), "b", "c", "d")
    assert in_order(member, wanted) is member


@pytest.mark.parametrize("named", [True, False])
def test_names_that_contradict_the_datas_are_refused(named, refused):
    member = _member(["1", "2", "3", "4"])
    member.named = named
    with refused("0, 1, 2, 3", "1, 2, 3, 4", "classes="):
        in_order(member, ("0", "1", "2", "3"))


def test_other_names_are_refused_where_they_were_given_and_else_taken_by_their_place(refused, caplog):
    member = _member(["a", "b", "c", "d"])
    with refused("w, x, y, z", "a, b, c, d"):
        in_order(member, ("w", "x", "y", "z"))
    member.named = False
    with caplog.at_level("WARNING", logger="zoo"):
        assert in_order(member, ("w", "x", "y", "z")) is member
    assert "by their place" in caplog.text


def test_a_mean_of_networks_keeps_all_of_them():
    members = [_member(["a", "b", "c", "d"]) for _ in range(2)]
    mean = average(members, "mean")
    moved = in_order(mean, ("c", "a", "d", "b"))
    expected = np.mean([member.logits(PICTURES) for member in members], axis=0)
    np.testing.assert_allclose(moved.logits(PICTURES), expected[:, [2, 0, 3, 1]], atol=1e-5)
    back = in_order(moved, ("a", "b", "c", "d"))
    np.testing.assert_allclose(back.logits(PICTURES), expected, atol=1e-5)


def test_features_are_those_of_before(tiny):
    member = build(tiny, 3, image_size=16, weights=None)
    member.classes = ("a", "b", "c")
    pictures = PICTURES.repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(in_order(member, ("c", "a", "b")).features(pictures), member.features(pictures))


def test_a_loaded_member_knows_what_it_learned_from_in_another_order_too(tmp_path):
    member = _member(["d", "c", "b", "a"])
    member.learned_from = frozenset([b"0123456789abcdef"])
    loaded = Member.load(member.save(tmp_path / "one"))
    assert in_order(loaded, ("a", "b", "c", "d")).learned_from == member.learned_from
