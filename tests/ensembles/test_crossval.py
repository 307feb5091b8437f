"""ensembles/crossval.py: nothing leaks from a row into its own prediction."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
import pytest

from ensembles import RULES, Auto, Calibrated, Soft, Stacked, Weighted, cross_fit, make_rule, out_of_fold
from ensembles.crossval import with_fixed_hyperparameters
from ensembles.folds import stratified_folds, usable_folds
from ensembles.metrics import accuracy

pytestmark = pytest.mark.fits


class Memory:
    """A rule that memorises the rows of its fit, and predicts class 0 for all others."""

    name = "memory"

    def fit(self, logits: np.ndarray, labels: np.ndarray) -> Self:
        """Memorise."""
        self.shape_ = (logits.shape[0], logits.shape[2])
        self.known_ = {row.tobytes(): label for row, label in zip(logits[0], labels, strict=True)}
        return self

    def combine(self, logits: np.ndarray) -> np.ndarray:
        """Look up."""
        one_hot = np.eye(self.shape_[1], dtype=np.float32)
        return np.array([one_hot[self.known_.get(row.tobytes(), 0)] for row in logits[0]])

    def to_dict(self) -> dict[str, Any]:
        """Describe nothing."""
        return {}


def test_a_rule_that_memorises_is_found_out(problem: Callable) -> None:
    logits, _ = problem(skills=(0.0,), samples=600)
    labels = np.random.default_rng(0).integers(0, 3, 600)
    assert accuracy(Memory().fit(logits, labels).combine(logits), labels) == 1
    assert accuracy(out_of_fold(Memory(), logits, labels), labels) == pytest.approx(1 / 3, abs=0.06)


def test_a_stacker_of_noise_is_near_chance(problem: Callable) -> None:
    logits, _ = problem(skills=(0.0,) * 30, samples=120)
    labels = np.random.default_rng(0).permutation(np.arange(120) % 3)
    rule = Stacked(strength=1e-2)
    assert accuracy(rule.fit(logits, labels).combine(logits), labels) > 0.7
    assert accuracy(out_of_fold(rule, logits, labels), labels) < 0.45


def test_every_row_is_combined_by_the_rule_of_the_other_folds(problem: Callable) -> None:
    logits, labels = problem()
    combined = out_of_fold(Weighted(), logits, labels, folds=3, seed=5)
    assert combined.dtype == np.float32
    for training, held_out in stratified_folds(labels, 3, 5).split(labels, labels):
        expected = Weighted().fit(logits[:, training], labels[training]).combine(logits[:, held_out])
        np.testing.assert_array_equal(combined[held_out], expected)


def test_the_label_of_a_row_does_not_change_the_prediction_of_another_version_of_it(problem: Callable) -> None:
    logits, labels = problem()
    copies = cross_fit(Stacked(strength=1.0), logits, labels)
    seen, others = copies.fold != 2, labels.copy()
    others[~seen] = (others[~seen] + 1) % 3
    separate = Stacked(strength=1.0).fit(logits[:, seen], others[seen])
    corrupted = logits + np.float32(0.1)
    np.testing.assert_array_equal(copies.combine(corrupted)[~seen], separate.combine(corrupted)[~seen])


def test_selected_rows_are_combined_as_among_all(problem: Callable) -> None:
    logits, labels = problem()
    copies, rows = cross_fit(Weighted(), logits, labels), np.array([41, 3, 17])
    np.testing.assert_array_equal(copies.of(rows).combine(logits[:, rows]), copies.combine(logits)[rows])


def test_a_rule_that_learns_nothing_predicts_the_same(problem: Callable) -> None:
    logits, labels = problem()
    np.testing.assert_array_equal(out_of_fold(Soft(), logits, labels), Soft().fit(logits, labels).combine(logits))


def test_the_rule_is_left_as_it_is_and_a_maker_does_too(problem: Callable) -> None:
    logits, labels = problem()
    rule = Weighted()
    combined = out_of_fold(rule, logits, labels)
    assert not hasattr(rule, "weights_")
    np.testing.assert_array_equal(out_of_fold(Weighted, logits, labels), combined)
    np.testing.assert_array_equal(out_of_fold(rule.fit(logits, labels), logits, labels), combined)


def test_the_seed_decides(problem: Callable) -> None:
    logits, labels = problem()
    first, again, other = (out_of_fold(Weighted(), logits, labels, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)


def test_folds_shrink_to_the_rarest_class() -> None:
    assert usable_folds(np.array([0, 0, 0, 2, 2]), 5) == 2
    assert usable_folds(np.zeros(9, int), 5) == 5


def test_too_few_folds_are_errors(problem: Callable) -> None:
    logits, labels = problem()
    with pytest.raises(ValueError, match=r"2 folds.*1"):
        out_of_fold(Soft(), logits, labels, folds=1)
    rows = np.r_[2, np.flatnonzero(labels < 2)]
    with pytest.raises(ValueError, match=r"rows.*1.*class 2"):
        out_of_fold(Soft(), logits[:, rows], labels[rows])


@pytest.mark.parametrize("name", [name for name in RULES if name != "stacked"])  # which needs every class
def test_the_only_row_of_a_class_is_combined_by_a_copy_without_it(name: str, problem: Callable) -> None:
    logits, labels = problem(samples=60)
    rows = np.r_[np.flatnonzero(labels == 2)[:1], np.flatnonzero(labels < 2)]
    copies = cross_fit(make_rule(name), logits[:, rows], labels[rows], singles=True)
    assert len(copies.rules) == 5
    assert np.isfinite(copies.combine(logits[:, rows])).all()
    plain = np.flatnonzero(labels < 2)
    one, other = (cross_fit(Soft(), logits[:, plain], labels[plain], singles=singles).fold for singles in (False, True))
    np.testing.assert_array_equal(one, other)


def test_the_only_row_of_a_class_is_in_every_fit_of_a_rule_that_needs_every_class(problem: Callable) -> None:
    logits, labels = problem(samples=60)
    rows = np.r_[np.flatnonzero(labels == 2)[:1], np.flatnonzero(labels < 2)]
    logits, labels = logits[:, rows], labels[rows]
    with pytest.raises(ValueError, match="none of class 2"):
        cross_fit(Stacked(), logits, labels, singles=True)
    copies = cross_fit(Stacked(strength=1.0), logits, labels, singles="train")
    first = np.flatnonzero(copies.fold == 0)
    training = np.union1d(np.flatnonzero(copies.fold != 0), [0])
    alone = Stacked(strength=1.0).fit(logits[:, training], labels[training])
    np.testing.assert_allclose(copies.combine(logits)[first], alone.combine(logits[:, first]), rtol=1e-5)
    assert cross_fit(Stacked(strength=1.0), logits, labels, singles="train").fold.tolist() == copies.fold.tolist()


def test_rules_with_fixed_hyperparameters_do_not_search_again(problem: Callable) -> None:
    logits, labels = problem(skills=(-3.0, 2.0, 1.0), samples=300)
    weighted, stacked = Weighted().fit(logits, labels), Stacked().fit(logits, labels)
    assert with_fixed_hyperparameters(weighted).shrinkage == weighted.shrinkage_
    assert with_fixed_hyperparameters(stacked).strength == stacked.strength_
    assert not hasattr(with_fixed_hyperparameters(weighted), "weights_")
    auto = Auto(rules=("weighted",)).fit(logits, labels)
    assert with_fixed_hyperparameters(auto).shrinkage == auto.rule_.shrinkage_
    calibrated = Calibrated(rule=Stacked(), members="temperature").fit(logits, labels)
    assert with_fixed_hyperparameters(calibrated).rule.strength == calibrated.rule_.strength_
    assert with_fixed_hyperparameters(calibrated).members == "temperature"
    soft = Soft()
    assert with_fixed_hyperparameters(soft) is soft


def test_a_rule_that_memorises_groups_is_found_out(problem: Callable) -> None:
    """Copies of one row leak from fold to fold, unless their group stays whole."""
    logits, _ = problem(skills=(0.0,), samples=120)
    labels = np.random.default_rng(0).integers(0, 3, 120)
    copies, known, groups = logits.repeat(5, axis=1), labels.repeat(5), np.repeat([f"p{n}" for n in range(120)], 5)
    assert accuracy(out_of_fold(Memory(), copies, known), known) > 0.95
    assert accuracy(out_of_fold(Memory(), copies, known, groups=groups), known) == pytest.approx(1 / 3, abs=0.1)


def test_a_class_of_one_group_cannot_be_held_out(problem: Callable) -> None:
    logits, labels = problem(samples=30)
    with pytest.raises(ValueError, match="2 groups"):
        out_of_fold(Soft(), logits, labels, groups=labels)
