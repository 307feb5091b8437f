"""zoo/evaluation/scoring.py: the leaderboard's rows, of members that answer at once."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import ensembles
from zoo.data import split
from zoo.evaluation.scoring import score
from zoo.state.held_out_predictions import held_out_predictions_of

SPEEDS = {"one": 100.0, "two": 300.0, "three": 50.0}


def member(name, bias, **known):
    """Answers with mean red, green and blue, and its own bias."""

    def logits(images):
        means = images.take(np.arange(len(images))).mean(axis=(1, 2))
        return ((means + np.array(bias)) / 20).astype(np.float32)

    return SimpleNamespace(name=name, logits=logits, **{"parameters": 10, "seconds": 2.0, "trained_on": 48} | known)


@pytest.fixture
def splits(blobs):
    return split(blobs, validation=0.5)


@pytest.fixture
def ensemble(splits, make_state):
    """What scoring asks of an ensemble: three members, and rules that need one, two and all of them."""
    members = [member("one", (25, 0, 0)), member("two", (0, 30, 0), parameters=100), member("three", (0, 0, 70))]
    logits = np.stack([own.logits(splits.validation) for own in members])
    rules = {
        "soft": ensembles.Soft(),
        "best": ensembles.Best(),
        "weighted": ensembles.Calibrated(
            rule=ensembles.Weighted(weights=[[1.0, 0.0, 0.2], [0.0, 1.0, 0.8], [0.0] * 3])
        ),
        "stacked": ensembles.Calibrated(rule=ensembles.Stacked(strength=1.0)),
    }
    return make_state(
        members,
        rules,
        splits.validation,
        logits,
        splits=splits,
        speeds=SPEEDS,
        failures={"vgg16": "MemoryError: out of memory"},
    )


def rows_of(ensemble, images):
    return {row["name"]: row for row in score(ensemble, "train", images)}


def test_a_rule_costs_what_the_members_cost_that_it_needs(ensemble, splits):
    rows = rows_of(ensemble, splits.train)
    costs = {name: (rows[name]["parameters"], rows[name]["seconds"]) for name in ensemble.rules}
    assert costs["soft"] == costs["stacked"] == (120, 6.0)
    assert costs["weighted"] == (110, 4.0)
    assert rows["weighted"]["images_per_second"] == pytest.approx(75)
    assert rows["stacked"]["images_per_second"] == pytest.approx(1 / (1 / 100 + 1 / 300 + 1 / 50))
    (best,) = (own for own, weight in zip(SPEEDS, ensemble.rules["best"].weights_, strict=True) if weight)
    assert rows["best"]["images_per_second"] == pytest.approx(SPEEDS[best])


def test_what_is_not_known_of_a_member_is_not_known_of_the_rules_that_need_it(ensemble, splits, monkeypatch):
    monkeypatch.setitem(SPEEDS, "three", None)
    ensemble.members[2].seconds, ensemble.members[2].trained_on = 0.0, None  # from elsewhere
    rows = rows_of(ensemble, splits.train)
    assert rows["three"]["images_per_second"] is rows["three"]["seconds"] is rows["three"]["rows_fitted"] is None
    assert rows["soft"]["images_per_second"] is rows["soft"]["seconds"] is None
    assert rows["weighted"]["images_per_second"] == pytest.approx(75)


def test_every_score_has_its_interval_and_its_rows(ensemble, splits):
    few = splits.train.subset(np.arange(30))
    rows = rows_of(ensemble, few)
    found = ensembles.bootstrap.interval(ensemble.members[2].logits(few), few.labels, "balanced_accuracy")
    assert (rows["three"]["balanced_low"], rows["three"]["balanced_high"]) == (found.low, found.high)
    assert rows["three"]["balanced_accuracy"] == pytest.approx(found.value)
    scored = [row for row in rows.values() if row["status"] == "fitted"]
    assert all(row["balanced_low"] <= row["balanced_accuracy"] <= row["balanced_high"] for row in scored)
    assert {row["rows"] for row in scored} == {30}
    assert {row["rows_fitted"] for row in scored} == {48}


def test_weights_by_class_are_shown_by_their_mean(ensemble, splits):
    ensemble = replace(ensemble, method="weighted")
    rows = rows_of(ensemble, splits.train)
    assert [rows[own.name]["weight"] for own in ensemble.members] == pytest.approx([0.4, 0.6, 0])
    ensemble = replace(ensemble, method="stacked")
    assert rows_of(ensemble, splits.train)["one"]["weight"] is None


def test_a_member_that_failed_has_its_reason_and_no_figures(ensemble, splits):
    board = score(ensemble, "train", splits.train)
    failed = {column: value for column, value in board[-1].items() if value is not None}
    assert failed == {
        "name": "vgg16",
        "kind": "member",
        "answers": False,
        "status": "failed: MemoryError: out of memory",
    }
    assert "vgg16: failed: MemoryError: out of memory" in str(board)


def test_a_class_of_one_held_out_image_is_named_and_rules_are_scored(ensemble, splits):
    labels = splits.validation.labels
    lonely = splits.validation.subset((labels > 0) | (np.arange(len(labels)) == np.argmin(labels)))
    logits = np.stack([own.logits(lonely) for own in ensemble.members])
    ensemble = replace(ensemble, held_out=held_out_predictions_of(lonely, logits, 0))
    board = score(ensemble, "validation", lonely)
    status = {row["name"]: row["status"] for row in board if row["kind"] == "rule"}
    assert [status.pop(name) for name in ("soft", "best", "weighted")] == ["fitted"] * 3
    assert f"of {lonely.classes[0]} one image" in status["stacked"]
    (note,) = [note for note in board.notes if "never saw" in note]
    assert lonely.classes[0] in note
