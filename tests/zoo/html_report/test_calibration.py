"""zoo/html_report/sections/calibration.py: the verdict on probabilities."""

import pytest

from zoo.html_report.sections.calibration import calibration_verdict


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
