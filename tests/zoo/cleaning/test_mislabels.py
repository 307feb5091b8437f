"""Suspicious labels: planted ones are found; the rule by hand and against cleanlab."""

import logging
import re
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.cleaning import mislabels
from zoo.cleaning.all_splits import Stack
from zoo.cleaning.checks import find
from zoo.cleaning.mislabels import count_and_rank
from zoo.data import Splits, as_images

from .conftest import CLASSES, draw, images

pytestmark = pytest.mark.fits


def test_wrong_labels_are_found_with_the_class_that_they_look_like():
    labels = np.arange(150) % 3
    labels[[10, 77]] = [2, 0]  # they are green and blue
    found = find(images(draw(150), labels), checks=["label"])
    assert {one.origin: one.note.split("?")[0] for one in found} == {
        "10": "green",
        "77": "blue",
    }
    assert all(one.decision == "drop" and 0.9 <= one.score <= 1 for one in found)


def test_right_labels_are_not_suspected():
    assert len(find(images(draw(150)), checks=["label"])) == 0


def test_the_rule_by_hand():
    labels = np.array([0, 0, 0, 1, 1, 1])
    own = np.array([0.9, 0.8, 0.1, 0.7, 0.6, 0.35])  # usual: 0.6 and 0.55
    other = np.where(labels == 0, 1 - own, own)
    probabilities = np.stack([1 - other, other], axis=1)
    # Row 2 reaches the usual confidence of class 1 (0.9), row 5 that of class 0 (0.65): two are counted.
    assert count_and_rank(labels, probabilities).tolist() == [False, False, True, False, False, True]


def test_a_class_without_images_is_no_answer_and_changes_no_other():
    labels = np.array([0, 0, 0, 1, 1, 1])
    own = np.array([0.9, 0.8, 0.1, 0.7, 0.6, 0.35])
    other = np.where(labels == 0, 1 - own, own)
    probabilities = np.stack([1 - other, other], axis=1)
    expected = count_and_rank(labels, probabilities)
    for absent in range(3):
        wider = np.insert(probabilities, absent, 0.01, axis=1)
        np.testing.assert_array_equal(count_and_rank(labels + (labels >= absent), wider), expected)
    assert not count_and_rank(np.zeros(6, int), np.eye(3)[[0, 0, 0, 0, 0, 1]])[:5].any()


def test_the_other_images_of_a_group_do_not_vouch_for_its_label():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 15)
    true = groups % 2
    features = np.column_stack([true + random.normal(0, 0.3, 300), random.normal(size=(20, 6))[groups]])
    given_labels = np.where(groups == 7, 1 - true, true)  # the whole of one patient is mislabelled
    alone, whole = (mislabels._out_of_fold(features, given_labels, units, 0) for units in (None, groups))
    own = np.arange(300)[groups == 7], given_labels[groups == 7]
    assert alone[own].mean() > 0.6
    assert whole[own].mean() < 0.3


def test_groups_are_those_of_the_pictures_and_images_without_one_are_their_own(caplog):
    def stack_of(groups, others=None):
        parts = [
            as_images(draw(8, seed=seed), labels[:8], CLASSES, groups=own, whole=False)
            for seed, own in enumerate((groups, others))
        ]
        return Stack(Splits(*parts))

    labels = np.arange(16) % 2
    found = mislabels._groups(stack_of(np.array(["a"] * 4 + ["b"] * 4)), np.arange(16), labels)
    assert found.tolist() == [0] * 4 + [1] * 4 + list(range(2, 10))
    assert mislabels._groups(stack_of(None), np.arange(16), labels) is None
    assert mislabels._groups(stack_of(np.array(["a"] * 8), np.array(["a"] * 8)), np.arange(16), labels) is None
    assert "vouch" in caplog.text


def _drawn(seed, count=200, classes=4):
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), random.integers(classes, size=count - classes)])
    logits = random.normal(size=(count, classes)) + 3 * np.eye(classes)[labels]
    logits[random.integers(count, size=count // 10)] *= -1
    odds = np.exp(logits)
    return labels, odds / odds.sum(axis=1, keepdims=True)


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_suspects_are_contradicted_and_none_that_stays_is_less_certain(seed):
    labels, probabilities = _drawn(seed)
    chosen = count_and_rank(labels, probabilities)
    own, contradicted = probabilities[np.arange(200), labels], probabilities.argmax(axis=1) != labels
    assert contradicted[chosen].all()
    if chosen.any() and (contradicted & ~chosen).any():
        assert own[chosen].max() <= own[contradicted & ~chosen].min()


def test_cleanlab_counts_and_ranks_nearly_alike():
    cleanlab_filter = pytest.importorskip("cleanlab.filter")
    labels, probabilities = _drawn(3, count=1000)
    ours = count_and_rank(labels, probabilities)
    theirs = cleanlab_filter.find_label_issues(labels, probabilities, filter_by="low_self_confidence", n_jobs=1)
    assert (ours & theirs).sum() >= 0.8 * (ours | theirs).sum()


def test_cleanlab_can_choose():
    pytest.importorskip("cleanlab")
    labels = np.arange(150) % 3
    labels[[10, 77]] = [2, 0]
    assert {one.origin for one in find(images(draw(150), labels), checks=["label"], cleanlab=True)} == {"10", "77"}


def test_cleanlab_missing_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cleanlab", None)
    monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'ensemble-zoo\[labels\]'"):
        find(images(draw(12)), checks=["label"], cleanlab=True)


def test_a_class_of_two_pictures_takes_nothing_from_the_judgement_of_others(caplog, monkeypatch):
    folds = []
    divided = mislabels.divided
    monkeypatch.setattr(mislabels, "divided", lambda *given: folds.append(divided(*given)) or folds[-1])
    labels = np.arange(152) % 2
    labels[[10, 77]] = [1, 0]
    labels[150:] = 2
    drawn = draw(228)
    drawn = np.concatenate([drawn[np.arange(228) % 3 != 2][:150], drawn[[2, 5]]])
    with caplog.at_level(logging.WARNING):
        found = find(images(drawn, labels), checks=["label"])
    assert [len(parts) for parts in folds] == [5]
    assert {one.origin for one in found} == {"10", "77"}
    assert re.search(r"5.*blue \(2\)", caplog.text)


def test_classes_of_one_picture_and_copies_that_contradict_each_other_are_left_out(caplog):
    drawn = draw(40)
    labels = np.where(np.arange(40) % 3 == 2, 1, np.arange(40) % 3)
    labels[2] = 2
    pixels, labels = np.concatenate([drawn, drawn[:1]]), np.append(labels, 1)
    assert {one.origin for one in find(images(pixels, labels), checks=["label"])}.isdisjoint({"0", "2", "40"})
    with caplog.at_level(logging.WARNING):
        assert len(find(images(draw(3)), checks=["label"])) == 0
    assert "label" in caplog.text
