"""zoo/html_report/sections/calibration.py: the verdict on probabilities."""

from types import SimpleNamespace

import numpy as np
import pytest

import ensembles
from zoo.html_report.sections.calibration import calibration_verdict, uncalibrated


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0.90, 0.90, 500, 0.010, 0.050), ("true enough",)),
        ((0.95, 0.88, 500, 0.072, 0.090), ("7.0 points too high",)),
        ((0.80, 0.88, 500, 0.085, None), ("8.0 points too low",)),
        ((0.90, 0.90, 320, 0.051, 0.038), ("5.1 points off", "worse here", "320 images")),
        ((0.90, 0.90, 5000, 0.051, 0.038), ("worse here",)),
    ],
)
def test_probabilities_are_judged_in_a_sentence(given, said):
    sentence = calibration_verdict(*given)
    assert all(words in sentence for words in said)
    assert ("images" in sentence) == (given[2] < 1000 and "worse" in sentence)
    assert sentence.endswith(".")
    assert sentence.count(".") - sentence.count(".0 ") - sentence.count(".1 ") == 1


def test_each_row_is_as_before_the_temperature_of_its_own_copy():
    random, labels = np.random.default_rng(0), np.arange(60) % 3
    logits = 3 * (random.normal(size=(2, 60, 3)) + np.eye(3)[labels]).astype(np.float32)
    rule = ensembles.Calibrated(rule=ensembles.Soft(), whole="temperature")
    copies = ensembles.cross_fit(rule, logits, labels)
    before = uncalibrated(SimpleNamespace(rule=copies, logits=copies.combine(logits)))
    np.testing.assert_allclose(before, logits.mean(axis=0), atol=1e-5)
    final = rule.fit(logits, labels)
    np.testing.assert_allclose(
        uncalibrated(SimpleNamespace(rule=final, logits=final.combine(logits))), logits.mean(axis=0), atol=1e-5
    )
    plain = ensembles.Soft().fit(logits, labels)
    assert uncalibrated(SimpleNamespace(rule=plain, logits=logits[0])) is None
