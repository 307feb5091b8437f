"""zoo/training/linear_head.py: a head that is solved, against scikit-learn and against gradient steps."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from zoo import Head, Recipe, build
from zoo.data.views import Array
from zoo.training.linear_head import PENALTIES, check_solvable, solve_head

pytestmark = pytest.mark.fits
SOLVED = Recipe(head_solver="lbfgs", epochs=0, augment="none", views=1)

PLAIN = {"balanced": False, "balanced_validation": False}


def _head(features, classes):
    return keras.Sequential([keras.Input((features,)), keras.layers.Dropout(0.5), keras.layers.Dense(classes)])


def _clouds(count, classes, seed=0):
    """Overlapping clouds around a corner for each class, in features of different scales; and their class ids."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % classes)
    return (np.eye(5)[labels] + random.normal(0, 0.6, (count, 5))) * [1, 10, 0.1, 1, 100] + 7, labels


@pytest.mark.parametrize("classes", [2, 4])
def test_the_head_is_scikit_learns_regression_of_the_best_penalty(classes):
    (train, labels), (held, truth) = _clouds(200, classes), _clouds(90, classes, seed=1)
    head = _head(5, classes)
    solve_head(head, [Array(train)], labels, Array(held), truth, **PLAIN, seed=0)
    centre, scale = train.mean(axis=0), train.std(axis=0)
    losses = [
        log_loss(truth, LogisticRegression(C=1 / penalty, tol=1e-8, max_iter=9999).fit((train - centre) / scale, labels)
                 .predict_proba((held - centre) / scale))
        for penalty in PENALTIES
    ]  # fmt: skip
    probabilities = keras.ops.softmax(head.predict(held, verbose=0).astype("float64"))
    assert log_loss(truth, np.asarray(probabilities)) == pytest.approx(min(losses), abs=3e-3)


def test_all_views_are_fitted_and_a_choice_of_many_rows(monkeypatch):
    (train, labels), (held, truth) = _clouds(120, 3), _clouds(60, 3, seed=1)
    once, twice = _head(5, 3), _head(5, 3)
    solve_head(
        once,
        [Array(train), Array(train[::-1][::-1] + 0)],
        labels,
        Array(held),
        truth,
        **PLAIN,
        seed=0,
    )
    solve_head(
        twice,
        [Array(np.r_[train, train])],
        np.r_[labels, labels],
        Array(held),
        truth,
        **PLAIN,
        seed=0,
    )
    assert np.allclose(once.get_weights()[0], twice.get_weights()[0])
    monkeypatch.setattr("zoo.training.linear_head.MOST_ROWS", 90)
    solve_head(twice, [Array(train)] * 2, labels, Array(held), truth, **PLAIN, seed=0)
    assert np.mean(twice.predict(held, verbose=0).argmax(axis=1) == truth) > 0.7


def test_a_rare_class_counts_as_much_where_classes_are_balanced():
    train, labels = _clouds(300, 3)
    rare = np.flatnonzero((labels != 2) | (np.arange(300) < 20))
    held, truth = _clouds(300, 3, seed=1)
    plain, balanced = _head(5, 3), _head(5, 3)
    for head, how in ((plain, False), (balanced, True)):
        solve_head(head, [Array(train[rare])], labels[rare], Array(held), truth, **dict.fromkeys(PLAIN, how), seed=0)
    found = [np.mean(head.predict(held[truth == 2], verbose=0).argmax(axis=1) == 2) for head in (plain, balanced)]
    assert found[0] < found[1]


def test_a_member_is_solved_in_one_epoch_that_is_kept(blobs, tiny, tiny_file):
    member = build(tiny, 3, image_size=16, weights=tiny_file).fit(blobs, blobs, SOLVED)
    backbone = build(tiny, 3, image_size=16, weights=tiny_file).model.get_layer("backbone").get_weights()
    (epoch,) = member.history
    assert (epoch["phase"], epoch["learning_rate"]) == ("head", 0)
    assert epoch["val_accuracy"] == pytest.approx(np.mean(member.predict(blobs) == blobs.labels))
    for before, after in zip(backbone, member.model.get_layer("backbone").get_weights(), strict=True):
        assert np.array_equal(before, after)
    again = build(tiny, 3, image_size=16, weights=tiny_file).fit(blobs, blobs, SOLVED)
    assert np.array_equal(member.logits(blobs), again.logits(blobs))


def test_fine_tuning_starts_from_the_solved_head(blobs, tiny, tiny_file):
    recipe = Recipe(head_solver="lbfgs", epochs=1, learning_rate=1e-7, augment="none", views=1)
    tuned = build(tiny, 3, image_size=16, weights=tiny_file).fit(blobs, blobs, recipe)
    solved = build(tiny, 3, image_size=16, weights=tiny_file).fit(blobs, blobs, SOLVED)
    assert [epoch["phase"] for epoch in tuned.history] == ["head", "fine-tuning"]
    assert np.allclose(tuned.logits(blobs), solved.logits(blobs), atol=0.05)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"head_epochs": 0}, "head_epochs"),
        ({"views": 0}, "views"),
        ({"cache": "none"}, "cache"),
        ({"devices": "all"}, "devices"),
        ({"mix": "mixup"}, "mix"),
        ({"graph_layers": [{"layer": "RandomHue", "factor": 0.1}]}, "graph_layers"),
    ],
)
def test_a_recipe_that_leaves_nothing_to_solve_is_refused(options, word, refused):
    with refused(word, "lbfgs"):
        Recipe(head_solver="lbfgs", **options)


def test_hidden_units_and_teachers_are_refused(refused):
    with refused("head_solver", "units"):
        check_solvable(Head(units=4).build((5,), 3), "head_solver", "lbfgs", distilled=False)
    with refused("head_solver", "student"):
        check_solvable(Head().build((5,), 3), "head_solver", "lbfgs", distilled=True)


def test_the_word_changes_keys_only_where_it_is_used():
    assert "head_solver" not in Recipe().as_dict()
    assert SOLVED.as_dict()["head_solver"] == "lbfgs"


def test_the_validation_loss_alone_can_count_every_class_the_same(monkeypatch):
    given = []

    def least_loss(*arguments, balanced):
        given.append((arguments[-1], balanced))
        return LogisticRegression().fit([[0.0, 0, 0], [1, 1, 1]], [0, 1])

    monkeypatch.setattr("zoo.training.linear_head._least_loss", least_loss)
    features, labels = np.random.default_rng(0).normal(size=(12, 3)), np.array([0] * 9 + [1] * 3)
    how = {"balanced": False, "balanced_validation": True}
    solve_head(_head(3, 2), [Array(features)], labels, Array(features), labels, **how, seed=0)
    ((weights, balanced),) = given
    assert not balanced
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum())
