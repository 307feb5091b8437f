"""zoo/training/probe.py: a probe against scikit-learn's cross-validated regression; what decides it, and what not."""

from dataclasses import fields, replace

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.preprocessing import StandardScaler

from zoo import Head, Plan, Recipe, build
from zoo.data import Splits, as_images
from zoo.data.views import Array
from zoo.members.task import Task
from zoo.training.linear_head import rows_of
from zoo.training.phases import phases
from zoo.training.probe import PENALTIES, folds_of_images, solve_probe
from zoo.training.recipe import PROBED

pytestmark = pytest.mark.fits

PROBE = Recipe(adapt="probe", augment="none", views=1)


def _head(features, classes):
    return keras.Sequential([keras.Input((features,)), keras.layers.Dropout(0.5), keras.layers.Dense(classes)])


def _clouds(count, classes, seed=0):
    """Overlapping clouds in features of different scales, and images that carry their labels."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % classes)
    features = (np.eye(6)[labels] + random.normal(0, 0.7, (count, 6))) * [1, 10, 0.1, 1, 100, 3] + 7
    pixels = random.integers(0, 256, (count, 4, 4, 3)).astype(np.uint8)
    return features.astype(np.float32), as_images(pixels, labels, [f"c{number}" for number in range(classes)])


def _probabilities(head, features):
    return np.asarray(keras.ops.softmax(keras.ops.cast(head(features, training=False), "float64")))


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("grouped", [False, True])
def test_the_strength_and_the_probabilities_are_scikit_learns(classes, grouped):
    features, images = _clouds(200, classes)
    groups = np.arange(200) // 3 if grouped else None
    images = replace(images, groups=groups)
    head = _head(6, classes)
    penalty = solve_probe(head, [Array(features)], images, balanced=False, seed=3)

    kind = StratifiedGroupKFold if grouped else StratifiedKFold
    scaled = StandardScaler().fit_transform(features)
    folds = list(kind(5, shuffle=True, random_state=3).split(scaled, images.labels, groups))
    reference = LogisticRegressionCV(
        Cs=1 / PENALTIES, cv=folds, scoring="neg_log_loss", max_iter=5000, tol=1e-6, l1_ratios=(0,),
        use_legacy_attributes=False,
    )  # fmt: skip
    reference.fit(scaled, images.labels)
    assert 1 / penalty == pytest.approx(float(np.ravel(reference.C_)[0]))
    np.testing.assert_allclose(_probabilities(head, features), reference.predict_proba(scaled), atol=2e-3)


def test_class_weights_are_scikit_learns():
    features, images = _clouds(300, 3)
    rare = np.flatnonzero((images.labels != 2) | (np.arange(300) < 60))
    features, images = features[rare], images.subset(rare)
    head = _head(6, 3)
    penalty = solve_probe(head, [Array(features)], images, balanced=True, seed=0)
    scaled = StandardScaler().fit_transform(features)
    regression = LogisticRegression(C=1 / penalty, class_weight="balanced", max_iter=5000, tol=1e-6)
    expected = regression.fit(scaled, images.labels).predict_proba(scaled)
    np.testing.assert_allclose(_probabilities(head, features), expected, atol=2e-3)


def test_views_copies_and_groups_stay_in_one_fold():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 4, 4, 3)).astype(np.uint8)
    pixels[59] = pixels[0]
    labels = np.arange(60) % 2
    labels[59] = labels[0]
    folds = folds_of_images(as_images(pixels, labels, ("a", "b")), 0)
    assert folds[59] == folds[0]
    assert np.bincount(folds).tolist() == pytest.approx([12] * 5, abs=1)
    grouped = folds_of_images(as_images(pixels, labels, ("a", "b"), groups=np.arange(60) // 4), 0)
    assert all(len(set(grouped[start : start + 4])) == 1 for start in range(4, 56, 4))


def test_views_of_held_out_images_are_held_out_too():
    """Features that tell the image apart are of no use for other images, so a weak penalty must not win."""
    random = np.random.default_rng(0)
    _, images = _clouds(60, 2)
    ours = random.normal(size=(60, 40)).astype(np.float32)
    views = [Array(ours), Array(ours + random.normal(0, 0.01, ours.shape).astype(np.float32))]
    assert solve_probe(_head(40, 2), views, images, balanced=False, seed=0) >= 100


def test_a_class_of_one_image_is_always_trained_on(refused):
    features, images = _clouds(41, 3)
    labels = np.where(images.labels == 2, 1, images.labels)
    labels[0] = 2
    alone = replace(images, labels=labels)
    assert (folds_of_images(alone, 0) == -1).tolist() == [True] + [False] * 40
    head = _head(6, 3)
    solve_probe(head, [Array(features)], alone, balanced=False, seed=0)
    assert np.isfinite(_probabilities(head, features)).all()
    with refused("two images", "adapt"):
        folds_of_images(images.subset(np.unique(images.labels, return_index=True)[1]), 0)


def test_a_choice_of_many_rows_has_every_class(monkeypatch):
    features, images = _clouds(300, 3)
    labels = np.where(images.labels == 2, 1, images.labels)
    labels[7] = 2
    monkeypatch.setattr("zoo.training.linear_head.MOST_ROWS", 60)
    kept, shown = rows_of([Array(features)] * 2, labels, 0)
    assert 60 <= len(kept) <= 61
    assert set(labels[shown]) == {0, 1, 2}
    np.testing.assert_array_equal(kept, features[shown])


@pytest.mark.fits
def test_a_member_is_a_probe_whose_backbone_stays_and_which_validation_images_do_not_change(blobs, tiny, tiny_file):
    others = blobs.subset(np.r_[0:30])
    member = build(tiny, 3, image_size=16, weights=tiny_file, adapt="probe").fit(blobs, blobs, PROBE)
    again = build(tiny, 3, image_size=16, weights=tiny_file).fit(blobs, others, PROBE)
    fresh = build(tiny, 3, image_size=16, weights=tiny_file)
    assert np.array_equal(member.logits(blobs), again.logits(blobs))
    (epoch,) = member.history
    assert (epoch["phase"], epoch["epoch"], epoch["learning_rate"]) == ("head", 1, 0)
    assert epoch["val_accuracy"] == pytest.approx(np.mean(member.predict(blobs) == blobs.labels))
    pairs = (one.model.get_layer("backbone").get_weights() for one in (fresh, member))
    for before, after in zip(*pairs, strict=True):
        assert np.array_equal(before, after)


def test_groups_are_in_the_key_of_a_probe_alone(blobs, tiny):
    def key(groups, **recipe):
        data = Splits(replace(blobs, groups=groups), blobs)
        return Task(Plan(backbone=tiny, classes=3, weights=None), Recipe(**recipe), data).key()

    by_four, by_eight = (np.arange(len(blobs)) // size for size in (4, 8))
    keys = [key(groups, adapt="probe") for groups in (None, by_four, by_eight)]
    assert len(set(keys)) == 3
    assert key(np.char.add("patient ", by_four.astype(str)), adapt="probe") == keys[1]
    assert key(by_four) == key(None)


def test_options_that_a_probe_does_not_have_are_refused(refused):
    for name, value in {"epochs": 3, "learning_rate": 0.1, "mix": "mixup", "devices": "all", "ema": 0.9}.items():
        with refused(name, "adapt 'probe'", "Leave it out"):
            Recipe(adapt="probe", **{name: value})
    for name, value in {"views": 0, "cache": "none", "imbalance": "offline"}.items():
        with refused(name, "adapt 'probe'"):
            Recipe(adapt="probe", **{name: value})


def test_a_probe_takes_of_another_members_recipe_what_it_has():
    shared = Recipe(epochs=7, optimizer="sgd", augment="flips", views=0, imbalance="offline", mix="mixup", seed=3)
    own = shared.adapted("probe")
    assert own == Recipe(adapt="probe", augment="flips", imbalance="class_weights", seed=3)
    assert own.adapted("probe") is own
    assert own.adapted("tune").adapt == "tune"
    assert shared.adapted(None) is shared
    assert set(PROBED) < {field.name for field in fields(Recipe)}


def test_backbones_without_weights_hidden_units_and_other_words_are_refused(refused):
    with refused("pretrained", "adapt"):
        phases(PROBE, pretrained=False)
    with refused("units", "adapt"):
        build("mobilenet_v2", 3, adapt="probe", head=Head(units=4))
    with refused("adapt", "prob"):
        build("mobilenet_v2", 3, adapt="prob")


def test_the_word_changes_keys_only_where_it_is_used():
    assert "adapt" not in Recipe().as_dict()
    assert PROBE.as_dict()["adapt"] == "probe"
