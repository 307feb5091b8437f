"""zoo/planning/budget.py: members and epochs that fit, by seconds that are known."""

from time import monotonic

import pytest

from zoo import Recipe
from zoo.models.plan import Plan
from zoo.planning.budget import Budget, BudgetUsed, most_epochs, shorten, sketch
from zoo.planning.preset_choice import Choice


def _choice(members=3, epochs=10, weights="auto", **recipe):
    plans = tuple(Plan(backbone="mobilenet_v2", seed=seed, weights=weights) for seed in range(members))
    return Choice(plans=plans, options={"recipe": Recipe(epochs=epochs, **recipe), "folds": 5})


def _seconds(choice):
    """Ten seconds to begin, and one an epoch, of every member."""
    return len(choice.plans) * (10 + choice.recipe.epochs)


@pytest.mark.parametrize(
    ("left", "fitting"),
    [(1000, (3, 10)), (59.5, (3, 9)), (47.8, (2, 10)), (28.9, (2, 4)), (27, (1, 10)), (11.1, (1, 1)), (10.8, None)],
)
def test_as_many_members_as_can_be_trained_well(left, fitting):
    part = shorten(_choice(), _seconds, left)
    assert (part and (len(part.plans), part.recipe.epochs)) == fitting
    assert part is None or _seconds(part) <= left


def test_how_much_of_a_limit_has_passed():
    used = BudgetUsed(Budget(200, spent=50))
    assert used.fraction == pytest.approx(0.25, abs=0.01)
    assert used.left == pytest.approx(150, abs=1)
    assert "25% of 3.3 min" in str(used)
    over = BudgetUsed(Budget(200, spent=500))
    assert (over.fraction, over.left) == (1.0, 0.0)


@pytest.mark.parametrize("left", [9, 11, 13.9, 20, 21, 1e9])
def test_the_epochs_are_the_most_that_fit(left):
    epochs = most_epochs(_choice(1), _seconds, left)
    assert epochs == max(0, min(10, int(left - 10)))


def test_the_first_ensemble_is_a_solved_head_or_a_few_epochs_from_scratch():
    solved = sketch(_choice(head_solver="lbfgs"), _seconds, 100)
    assert (len(solved.plans), solved.recipe.epochs, solved.options["folds"]) == (1, 0, 0)
    scratch = sketch(_choice(weights=None), _seconds, 60)
    assert (len(scratch.plans), scratch.recipe.epochs) == (1, 5)
    assert sketch(_choice(weights=None), _seconds, 10) is None


def test_a_budget_runs():
    budget = Budget(100, spent=30)
    assert budget.passed == pytest.approx(30, abs=5)
    assert budget.left == pytest.approx(66, abs=5)
    begun = monotonic()
    assert Budget(10).passed <= monotonic() - begun + 1
