"""ensembles/probability_warnings.py: one warning of probabilities, however far these go."""

import warnings

import numpy as np
import pytest

import ensembles
from ensembles import metrics

LABELS = np.arange(60) % 3
LOGITS = 3 * np.random.default_rng(0).normal(size=(3, 60, 3)) + 2 * np.eye(3)[LABELS]


def _warned(function, *arguments):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*arguments)
    assert all(one.filename == __file__ for one in caught)
    return ["look like probabilities" in str(one.message) for one in caught]


def _make(name):
    return (
        ensembles.calibrated(ensembles.Soft(), "none", "temperature")
        if name == "calibrated"
        else ensembles.make_rule(name)
    )


@pytest.mark.parametrize("name", [*ensembles.RULES, "calibrated"])
def test_the_fit_warns_and_nothing_that_follows_does(name):
    rule, shares = _make(name), metrics.softmax(LOGITS)
    assert _warned(rule.fit, shares, LABELS) == [True]
    assert not _warned(rule.combine, shares)
    combined = rule.combine(shares)
    assert not _warned(metrics.scores, combined, LABELS)
    assert not _warned(metrics.log_loss, combined[:30], LABELS[:30])
    assert _warned(_make(name).fit, shares, LABELS) == [True]  # another fit is another mistake
    assert not _warned(rule.fit, LOGITS, LABELS)
    assert _warned(rule.combine, shares) == [True]  # it knows logits now


@pytest.mark.parametrize("name", [*ensembles.RULES, "calibrated"])
def test_probabilities_to_a_rule_of_logits_are_warned_of_as_they_are_combined(name):
    rule, shares = _make(name).fit(LOGITS, LABELS), metrics.softmax(LOGITS)
    assert not _warned(rule.combine, LOGITS)
    assert _warned(rule.combine, shares) == [True]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        combined = rule.combine(shares)
    assert not _warned(metrics.log_loss, combined, LABELS)


def test_few_rows_may_sum_to_one_by_chance():
    rule = ensembles.Soft().fit(LOGITS, LABELS)
    assert not _warned(rule.combine, metrics.softmax(LOGITS[:, :1]))
