"""How members differ: against the measures of ``ensembles``, and by hand."""

import csv
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import ensembles
from zoo.data import as_images
from zoo.evaluation.diversity import diversity_of


@pytest.fixture
def ensemble_of(make_state):
    """What is asked of an ensemble, with members that predict so."""
    return lambda predicted, labels: _ensemble_of(make_state, predicted, labels)


def _ensemble_of(make_state, predicted, labels):
    logits = 4 * np.eye(3, dtype=np.float32)[np.array(predicted)]
    random = np.random.default_rng(0)
    images = as_images(random.integers(0, 255, (len(labels), 8, 8, 3)).astype(np.uint8), np.array(labels))
    members = [SimpleNamespace(name=f"member_{place}") for place in range(len(logits))]
    rule = ensembles.Soft().fit(logits, images.labels)
    return make_state(members, {"soft": rule}, images, logits)


LABELS = [0, 0, 0, 1, 1, 1, 2, 2, 2]
RIGHT = LABELS
FIRST_WRONG = [1, 0, 0, 1, 1, 1, 2, 2, 2]
LAST_WRONG = [0, 0, 0, 1, 1, 1, 2, 2, 0]


def test_a_row_has_the_means_with_the_others(ensemble_of):
    first, second, third = diversity_of(ensemble_of([RIGHT, FIRST_WRONG, LAST_WRONG], LABELS))
    assert (first["accuracy"], second["accuracy"]) == (1.0, pytest.approx(8 / 9))
    assert first["disagreement"] == pytest.approx(1 / 9)
    assert second["disagreement"] == third["disagreement"] == pytest.approx((1 / 9 + 2 / 9) / 2)
    assert second["double_fault"] == 0.0
    assert first["q_statistic"] is first["error_correlation"] is None
    assert second["q_statistic"] == -1.0


def test_removal_says_what_a_member_is_worth(ensemble_of):
    ensemble = ensemble_of([RIGHT, FIRST_WRONG, FIRST_WRONG], LABELS)
    rows = diversity_of(ensemble)
    expected = ensembles.diversity.removal(ensemble.rule(), ensemble.held_out.logits, ensemble.held_out.labels)
    for row, cost in zip(rows, expected, strict=True):
        assert (row["removal"], row["removal_low"], row["removal_high"]) == (cost.value, cost.low, cost.high)


def test_the_table_is_for_people_and_for_programs(ensemble_of, tmp_path):
    table = diversity_of(ensemble_of([RIGHT, FIRST_WRONG, LAST_WRONG], LABELS))
    text = str(table)
    assert "How members differ, on 9 held-out validation images" in text
    assert "change" in text
    assert "as they differ" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 120
    with table.to_csv(tmp_path / "diversity.csv").open() as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["member_0", "member_1", "member_2"]


def test_one_member_differs_from_nobody(ensemble_of):
    (row,) = diversity_of(ensemble_of([RIGHT], LABELS))
    assert row["disagreement"] is row["removal"] is None


def test_of_a_rule_that_cannot_be_scored_removal_is_not_known_and_the_rest_is(ensemble_of):
    state = ensemble_of([RIGHT[:-2], FIRST_WRONG[:-2]], LABELS[:-2])  # one row alone of the last class
    stacked = ensembles.Stacked().fit(state.held_out.logits, state.held_out.labels)
    table = diversity_of(replace(state, method="stacked", rules={"stacked": stacked}))
    assert [row["removal"] for row in table] == [None, None]
    assert table[0]["accuracy"] == 1.0
    assert re.search("stacked is not scored.*of 2 one image is held out", " ".join(str(table).split()))
