"""An ensemble under shift, of members that answer at once."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

import ensembles
from zoo.data import limit, split
from zoo.evaluation.corrupted_copies import corrupt
from zoo.evaluation.robustness import validate
from zoo.state.held_out_predictions import held_out_predictions_of

pytestmark = pytest.mark.fits


@pytest.fixture
def splits(blobs):
    return split(blobs, validation=0.5)


@pytest.fixture
def ensemble(splits, guesser, make_state):
    """What scoring asks of an ensemble, with rules fitted on the validation images."""
    members = [guesser("one", (25, 0, 0)), guesser("two", (0, 30, 0), 40.0)]
    logits = _logits(members, splits.validation)
    rules = [ensembles.Soft(), ensembles.Weighted(), ensembles.Stacked(strength=1.0)]
    return make_state(
        members,
        {rule.name: rule for rule in rules},
        splits.validation,
        logits,
        splits=splits,
        failures={"vgg16": "MemoryError: out of memory"},
    )


def _logits(members, images):
    return np.stack([member.logits(images) for member in members])


def _row(table, name):
    (row,) = (row for row in table if row["name"] == name)
    return row


def _balanced(logits, images):
    return pytest.approx(ensembles.metrics.balanced_accuracy(logits, images.labels))


def test_members_and_rules_are_scored_side_by_side(ensemble, splits):
    table = validate(ensemble, "train", splits.train, limit=None, seed=1)
    assert [row["kind"] for row in table].count("member") == 3
    assert _row(table, "vgg16")["status"] == "failed: MemoryError: out of memory"
    corrupted = corrupt(splits.train, "contrast_down", 4, seed=1)
    logits = _logits(ensemble.members, corrupted)
    assert _row(table, "two")["contrast_down_4"] == _balanced(logits[1], corrupted)
    for name, rule in ensemble.rules.items():
        assert _row(table, name)["contrast_down_4"] == _balanced(rule.combine(logits), corrupted)
    assert table.where == "48 images (train); 48 of them trained the members"


def test_on_validation_images_learned_rules_answer_rows_that_they_were_not_fitted_on(ensemble, splits):
    """Combined row by row here: by the one rule of five that was fitted on clean logits without the row."""
    images = splits.validation
    table = validate(ensemble, "validation", images, limit=None, seed=0)
    assert table.where == "48 held-out validation images, which may have chosen epochs; learned rules out of fold"
    clean = _logits(ensemble.members, images)
    corrupted = _logits(ensemble.members, corrupt(images, "brightness_down", 5))
    folds = list(ensembles.folds.stratified_folds(images.labels, 5, 0).split(images.labels, images.labels))
    for name in ("weighted", "stacked"):
        expected = np.empty((len(images), 3), np.float32)
        for seen, held_out in folds:
            rule = deepcopy(ensemble.rules[name]).fit(clean[:, seen], images.labels[seen])
            expected[held_out] = rule.combine(corrupted[:, held_out])
        assert _row(table, name)["brightness_down_5"] == _balanced(expected, images)
        assert _row(table, name)["clean"] == _balanced(
            ensembles.out_of_fold(ensemble.rules[name], clean, images.labels), images
        )


def test_training_images_of_folds_are_not_corrupted(ensemble, splits, refused):
    """Every network would predict the copies, and all but one were trained on the image."""
    own = replace(ensemble, held_out=replace(ensemble.held_out, folds=2))
    with refused("no member was trained on", "--data"):
        validate(own, "training", splits.validation, limit=None, seed=0)


def test_a_limit_changes_the_rows_and_not_the_rules(ensemble, splits, monkeypatch):
    images, fitted_on = splits.validation, []
    fit = ensembles.Stacked.fit

    def watched(rule, logits, labels):
        fitted_on.append(len(labels))
        return fit(rule, logits, labels)

    monkeypatch.setattr(ensembles.Stacked, "fit", watched)
    table = validate(ensemble, "validation", images, limit=9, seed=3)
    assert table.where == "9 of 48 held-out validation images, which may have chosen epochs; learned rules out of fold"
    assert len(fitted_on) == 5
    assert sum(fitted_on) == 4 * len(images)
    kept = limit(images, 9, seed=3)
    clean = _logits(ensemble.members, images)
    honest = ensembles.out_of_fold(ensemble.rules["stacked"], clean, images.labels)
    rows = [images.digests.index(key) for key in kept.digests]
    assert _row(table, "stacked")["clean"] == _balanced(honest[rows], kept)


def test_a_rule_that_cannot_be_fitted_out_of_fold_has_no_score(ensemble, splits):
    labels = splits.validation.labels
    lonely = splits.validation.subset((labels > 0) | (np.arange(48) == np.argmin(labels)))
    assert lonely.counts[0] == 1
    ensemble = replace(ensemble, held_out=held_out_predictions_of(lonely, _logits(ensemble.members, lonely), 0))
    table = validate(ensemble, "validation", lonely, limit=None, seed=0)
    assert _row(table, "stacked")["shifted"] is None
    assert _row(table, "stacked")["status"].startswith("fitted, not scored")
    assert lonely.classes[0] in _row(table, "stacked")["status"]
    assert _row(table, "one")["shifted"] > 0


def test_each_member_is_asked_once_for_each_corruption(ensemble, splits):
    validate(ensemble, "train", splits.train, limit=6, seed=0)
    asked = ensemble.members[0].asked - 1  # the fit of the rules
    assert asked == 1 + 60
