"""ensembles/signs.py: against all ways in which coins can fall."""

from itertools import product

import numpy as np
import pytest

from ensembles.signs import fewest_rows, p_value


def answers(right: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are right where told, of two classes by turns."""
    labels = np.arange(len(right)) % 2
    return np.eye(2)[np.where(right, labels, 1 - labels)], labels


@pytest.mark.parametrize(("wins", "losses"), [(6, 0), (5, 2), (4, 4), (2, 7), (0, 3)])
def test_against_all_falls_of_the_coins(wins: int, losses: int) -> None:
    one, labels = answers([1] * wins + [0] * losses + [1, 1, 0, 0])
    other, _ = answers([0] * wins + [1] * losses + [1, 1, 0, 0])
    falls = [sum(coins) >= wins for coins in product([0, 1], repeat=wins + losses)]
    assert p_value(one, other, labels) == pytest.approx(np.mean(falls))


def test_equal_answers_are_not_better() -> None:
    one, labels = answers([1, 0, 1])
    assert p_value(one, one, labels) == 1


@pytest.mark.parametrize("level", [0.5, 0.05, 0.01, 0.0025])
def test_the_fewest_rows_reach_the_level_and_one_less_does_not(level: float) -> None:
    rows = fewest_rows(level)
    for number, reaches in ((rows, True), (rows - 1, False)):
        one, labels = answers([1] * number + [1])
        other, _ = answers([0] * number + [1])
        assert (p_value(one, other, labels) <= level) == reaches
