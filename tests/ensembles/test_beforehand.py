import numpy as np
import pytest

import ensembles
from ensembles.beforehand import check_beforehand

LABELS = np.arange(12) % 3
WRONG = {
    "options": (ensembles.Weighted(shrinkage=-1.0), LABELS, "shrinkage"),
    "confidence": (ensembles.Auto(confidence=2.0), LABELS, "confidence"),
    "rounds": (ensembles.Greedy(rounds=0), LABELS, "rounds"),
    "members": (ensembles.Weighted(weights=[1, 2, 3]), LABELS, "weights of 2 members"),
    "classes": (ensembles.Stacked(), LABELS[LABELS != 1], "none of class 1"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("calibrated", [False, True])
def test_what_a_fit_would_refuse_is_refused_before_there_are_logits(name, calibrated):
    rule, labels, word = WRONG[name]
    with pytest.raises(ValueError, match=word):
        check_beforehand(ensembles.Calibrated(rule=rule) if calibrated else rule, 2, labels, 3)


@pytest.mark.parametrize("name", ensembles.RULES)
def test_what_a_fit_takes_passes(name):
    check_beforehand(ensembles.calibrated(ensembles.make_rule(name)), 2, LABELS, 3)


def test_a_rule_of_the_users_without_such_methods_passes():
    class Own:
        name = "own"

    check_beforehand(Own(), 2, LABELS, 3)
