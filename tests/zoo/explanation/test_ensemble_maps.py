"""zoo/explanation/ensemble_maps.py: maps of ensembles, weighted as the rule weighs."""

import keras
import numpy as np
import pytest

import ensembles
from zoo import Ensemble, Member
from zoo.data import as_images
from zoo.explanation.ensemble_maps import METHODS, rule_slopes, scaled
from zoo.explanation.sanity import check_members


@pytest.fixture(scope="module")
def case(reddest, marked):
    """An ensemble of a network that finds the mark, and of one that looks at the upper left corner alone."""
    images, labels, _ = marked
    given = keras.Input((24, 24, 3), dtype="uint8", name="images")
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(given)
    x = keras.layers.Conv2D(3, 1, use_bias=False, name="same")(x)
    corner = keras.ops.pad(x[:, :12, :12], [(0, 0), (0, 12), (0, 12), (0, 0)])
    logits = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(corner))
    lost = keras.Model(given, logits, name="lost")
    lost.set_weights([np.eye(3)[None, None], np.eye(3) * 0.1, np.zeros(3)])
    members = [Member.from_keras(reddest, "finds", classes=["r", "g", "b"])]
    members += [Member.from_keras(lost, "lost", classes=["r", "g", "b"])]
    return Ensemble(members).fit(as_images(images, labels, ("r", "g", "b")))


@pytest.mark.parametrize("method", METHODS)
def test_maps_of_the_ensemble_lie_on_the_mark(case, marked, share, method):
    images, _, places = marked
    maps = case.explain(images[:12], method=method)
    assert maps.shape == (12, 24, 24)
    assert maps.dtype == np.float32
    assert maps.max(axis=(1, 2)) == pytest.approx(np.ones(12))
    assert maps.min() >= 0
    assert share(maps, places[:12]) > 3


def test_a_member_without_weight_does_not_count(case, marked):
    images, _, _ = marked
    alone = Ensemble(case.members, method=ensembles.Weighted(weights=[1.0, 0.0]))
    alone.fit(as_images(images, marked[1], ("r", "g", "b")))
    classes = alone.state_.rule().combine(alone.state_.member_logits(images[:6])).argmax(axis=1)
    maps = alone.explain(images[:6])
    np.testing.assert_allclose(maps, alone.explain(images[:6], classes=classes, member="finds"), atol=1e-5)


def test_a_member_without_feature_maps_is_explained_and_checked_by_occlusion(marked):
    images, labels, _ = marked
    given = keras.Input((24, 24, 3), dtype="uint8", name="images")
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255, dtype="float32")(given))
    flat = keras.Model(given, keras.layers.Dense(3)(x), name="flat")
    alone = Ensemble([Member.from_keras(flat, "flat", classes=["r", "g", "b"])])
    alone.fit(as_images(images, labels, ("r", "g", "b")))
    classes = alone.logits(images[:2]).argmax(axis=1)
    maps = [alone.explain(images[:2], classes=classes, member="flat", method=way) for way in ("layercam", "occlusion")]
    np.testing.assert_array_equal(*maps)
    (check,) = check_members(alone.state_, images[:2]).values()
    assert check.similarity is None


def test_another_class_has_another_map(case, marked):
    images, labels, _ = marked
    own, other = (case.explain(images[:6], classes=(labels[:6] + step) % 3, member="finds") for step in (0, 1))
    assert not np.allclose(own, other)


def test_a_wrong_method_or_member_is_named(case, marked, refused):
    with refused("gradcm", "gradcam"):
        case.explain(marked[0][:1], method="gradcm")
    with refused("find", "finds"):
        case.explain(marked[0][:1], member="find")


@pytest.mark.parametrize("rule", [ensembles.Soft(), ensembles.Weighted(weights=[0.7, 0.3])])
def test_slopes_of_a_weighted_mean_are_its_weights(rule):
    labels = np.arange(30) % 3
    logits = (np.random.default_rng(0).normal(size=(2, 30, 3)) + np.eye(3)[labels]).astype(np.float32)
    slopes = rule_slopes(rule.fit(logits, labels), logits, labels)
    weights = np.asarray(getattr(rule, "weights_", [0.5, 0.5]))
    expected = np.where(np.eye(3)[labels], 2 / 3, -1 / 3)[None] * weights[:, None, None]
    np.testing.assert_allclose(slopes, expected, atol=1e-5)


def test_a_rule_that_counts_votes_takes_all_members_alike():
    logits = np.zeros((2, 4, 3), np.float32)
    logits[..., 0] = 9.0
    slopes = rule_slopes(ensembles.Hard().fit(logits, np.zeros(4, int)), logits, np.zeros(4, int))
    np.testing.assert_array_equal(slopes[..., 0], 1)


def test_an_empty_map_stays_empty():
    maps = np.zeros((2, 3, 3), np.float32)
    maps[0, 1, 1] = 4
    assert scaled(maps).max(axis=(1, 2)).tolist() == [1, 0]


@pytest.mark.parametrize("classes", [1, [0], ["a"] * 6, [0, 1, 2, 3, 4, 5], [-1] * 6, [0.0] * 6])
def test_classes_are_ids_one_an_image(case, marked, classes, refused):
    with refused("6 class ids of 0 to 2", "np.full"):
        case.explain(marked[0][:6], classes=classes)
