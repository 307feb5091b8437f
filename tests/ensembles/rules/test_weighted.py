"""ensembles/rules/weighted.py: against other solvers, and properties that hold for any members."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, approx_fprime, minimize
from scipy.special import logsumexp
from scipy.special import softmax as scipy_softmax
from scipy.stats import ttest_rel
from sklearn.metrics import log_loss as sklearn_log_loss
from sklearn.model_selection import StratifiedKFold

from ensembles import Soft, Weighted
from ensembles.metrics import log_loss, softmax
from ensembles.shrinkage import SHRINKAGES
from ensembles.simplex import log_loss_of_weights
from ensembles.weighted_mean import to_space

# Members worse than chance, which some of these are, look like ones with other columns.
pytestmark = pytest.mark.filterwarnings("ignore:Expected columns in the order")

SKILLS = st.lists(st.floats(-1, 4), min_size=1, max_size=5).map(tuple)
SEEDS = st.integers(0, 2**32 - 1)
PROPERTY = settings(deadline=None, max_examples=30, derandomize=True, database=None)


def loss_of(weights: np.ndarray, logits: np.ndarray, labels: np.ndarray) -> float:
    """Log loss by scikit-learn: shares nothing with what is tested."""
    combined = np.tensordot(weights, logits.astype(np.float64), axes=1)
    odds = np.exp(combined - combined.max(axis=1, keepdims=True))
    return sklearn_log_loss(labels, odds / odds.sum(axis=1, keepdims=True))


@pytest.mark.fits
@pytest.mark.parametrize("seed", range(3))
def test_against_a_grid_of_the_simplex(problem: Callable, seed: int) -> None:
    logits, labels = problem(seed=seed)
    weights = Weighted(shrinkage=0).fit(logits, labels).weights_
    steps = np.linspace(0, 1, 26)
    grid = [np.array([a, b, 1 - a - b]) for a in steps for b in steps if a + b <= 1]
    losses = [loss_of(point, logits, labels) for point in grid]
    assert loss_of(weights, logits, labels) <= min(losses)
    np.testing.assert_allclose(weights, grid[int(np.argmin(losses))], atol=0.05)


def test_against_trust_constr(problem: Callable) -> None:
    logits, labels = problem(skills=(0.3, 1.0, 1.5, 2.0), samples=200, classes=5, seed=3)
    other = minimize(
        loss_of,
        np.full(4, 0.25),
        args=(logits, labels),
        method="trust-constr",
        bounds=[(0, 1)] * 4,
        constraints=LinearConstraint(np.ones((1, 4)), 1, 1),
        options={"gtol": 1e-7, "xtol": 1e-9},
    )
    np.testing.assert_allclose(Weighted(shrinkage=0).fit(logits, labels).weights_, other.x, atol=2e-3)


@pytest.mark.parametrize("over", ["logits", "probabilities"])
@pytest.mark.parametrize("shape_of", [lambda w: w, lambda w: np.stack([w, w[::-1], w], axis=1)])
def test_the_gradient_is_that_of_the_loss(problem: Callable, over: str, shape_of: Callable) -> None:
    logits, labels = problem()
    outputs, point = to_space(logits, over), shape_of(np.array([0.2, 0.5, 0.3]))

    def loss(flat: np.ndarray) -> float:
        return log_loss_of_weights(flat.reshape(point.shape), outputs, labels, over)[0]

    value, gradient = log_loss_of_weights(point, outputs, labels, over)
    if over == "logits" and point.ndim == 1:
        assert value == pytest.approx(loss_of(point, logits, labels))
    np.testing.assert_allclose(gradient.ravel(), approx_fprime(point.ravel(), loss), atol=1e-5)


@PROPERTY
@given(SKILLS, SEEDS)
def test_weights_are_on_the_simplex_and_never_worse_than_equal(problem: Callable, skills: tuple, seed: int) -> None:
    logits, labels = problem(skills, seed=seed)
    weights = Weighted(shrinkage=0).fit(logits, labels).weights_
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    equal = Soft().fit(logits, labels).weights_
    assert loss_of(weights, logits, labels) <= loss_of(equal, logits, labels) + 1e-12


@PROPERTY
@given(SKILLS, SEEDS, st.randoms(use_true_random=False))
def test_permuting_members_permutes_weights(problem: Callable, skills: tuple, seed: int, random: object) -> None:
    logits, labels = problem(skills, seed=seed)
    order = random.sample(range(len(skills)), len(skills))
    expected = Weighted(shrinkage=0).fit(logits, labels).weights_[order]
    np.testing.assert_allclose(Weighted(shrinkage=0).fit(logits[order], labels).weights_, expected, atol=1e-3)


@PROPERTY
@given(SKILLS, SEEDS)
def test_a_duplicate_changes_nothing(problem: Callable, skills: tuple, seed: int) -> None:
    logits, labels = problem(skills, seed=seed)
    twice = np.concatenate([logits, logits[:1]])
    expected = Weighted(shrinkage=0).fit(logits, labels).combine(logits)
    np.testing.assert_allclose(Weighted(shrinkage=0).fit(twice, labels).combine(twice), expected, atol=1e-3)


@PROPERTY
@given(SEEDS, st.integers(0, 3))
def test_a_perfect_member_among_noise_takes_most(problem: Callable, seed: int, best: int) -> None:
    logits, labels = problem(tuple(8.0 if member == best else 0.0 for member in range(4)), seed=seed)
    assert Weighted(shrinkage=0).fit(logits, labels).weights_[best] > 0.8


@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1e3, 1e6, 1e20])
def test_any_scale_of_logits_gives_weights(problem: Callable, scale: float) -> None:
    logits, labels = problem()
    logits = logits.astype(np.float64) * scale
    rule, soft = Weighted(shrinkage=0).fit(logits, labels), Soft().fit(logits, labels)
    assert rule.weights_.sum() == pytest.approx(1)
    assert log_loss(rule.combine(logits), labels) <= log_loss(soft.combine(logits), labels) * (1 + 1e-6)


def test_one_member_weighs_one(problem: Callable) -> None:
    assert Weighted(shrinkage=0).fit(*problem(skills=(1.0,))).weights_.tolist() == [1.0]


def test_a_harmful_member_weighs_exactly_zero(problem: Callable) -> None:
    logits, labels = problem(skills=(-3.0, 2.0, 2.0))
    assert Weighted(shrinkage=0).fit(logits, labels).weights_[0] == 0


def test_classes_without_rows_are_no_problem(problem: Callable) -> None:
    logits, _ = problem()
    rule = Weighted(shrinkage=0).fit(logits, np.zeros(logits.shape[1], int))
    assert softmax(rule.combine(logits)).shape == logits.shape[1:]


def test_over_probabilities_against_trust_constr(problem: Callable) -> None:
    logits, labels = problem(skills=(0.3, 1.0, 2.0), samples=200, seed=3)
    true = softmax(logits).astype(np.float64)[:, np.arange(200), labels]
    other = minimize(
        lambda weights: -np.log(weights @ true).mean(),
        np.full(3, 1 / 3),
        method="trust-constr",
        bounds=[(0, 1)] * 3,
        constraints=LinearConstraint(np.ones((1, 3)), 1, 1),
        options={"gtol": 1e-7, "xtol": 1e-9},
    )
    rule = Weighted(over="probabilities", shrinkage=0).fit(logits, labels)
    np.testing.assert_allclose(rule.weights_, other.x, atol=2e-3)
    np.testing.assert_allclose(
        softmax(rule.combine(logits)), np.tensordot(rule.weights_, softmax(logits), 1), atol=1e-5
    )


@pytest.mark.parametrize("over", ["logits", "probabilities"])
def test_each_class_believes_the_member_that_knows_it(over: str) -> None:
    """Member 0 knows classes 0 and 1 apart from 2 and 3 by a large logit, member 1 the others."""
    random, labels = np.random.default_rng(0), np.arange(400) % 4
    logits = random.normal(size=(2, 400, 4))
    for member, known in enumerate(((0, 1), (2, 3))):
        rows = np.isin(labels, known)
        logits[member, rows, labels[rows]] += 4
    rule = Weighted(per_class=True, shrinkage=0, over=over).fit(logits, labels)
    assert rule.weights_.shape == (2, 4)
    np.testing.assert_allclose(rule.weights_.sum(axis=0), 1)
    assert rule.weights_[0, :2].min() > rule.weights_[0, 2:].max() + 0.1
    plain = Weighted(shrinkage=0, over=over).fit(logits, labels)
    assert log_loss(rule.combine(logits), labels) < log_loss(plain.combine(logits), labels)


def by_softmax(logits: np.ndarray, labels: np.ndarray, shape: tuple, shrinkage: float) -> np.ndarray:
    """The same weights by another way: free numbers whose softmax over the members they are, by L-BFGS."""
    members, samples, classes = logits.shape
    centred = logits.astype(np.float64) - logits.mean(axis=-1, keepdims=True)

    def objective(free: np.ndarray) -> float:
        weights = scipy_softmax(free.reshape(shape), axis=0)
        each = weights if weights.ndim == 2 else np.repeat(weights[:, None], classes, axis=1)
        combined = (each[:, None] * centred).sum(axis=0)
        loss = (logsumexp(combined, axis=1) - combined[np.arange(samples), labels]).sum()
        return (loss + 0.5 * shrinkage * members * ((weights - 1 / members) ** 2).sum()) / samples

    found = minimize(objective, np.zeros(int(np.prod(shape))), method="L-BFGS-B", options={"gtol": 1e-9, "ftol": 1e-14})
    return scipy_softmax(found.x.reshape(shape), axis=0)


@pytest.mark.parametrize("shrinkage", [0.0, 3.0, 30.0])
@pytest.mark.parametrize("per_class", [False, True])
def test_against_a_softmax_of_free_numbers(problem: Callable, per_class: bool, shrinkage: float) -> None:
    logits, labels = problem(skills=(0.7, 1.0, 1.3), samples=200, seed=2)
    rule = Weighted(per_class=per_class, shrinkage=shrinkage).fit(logits, labels)
    other = by_softmax(logits, labels, (3, 3) if per_class else (3,), shrinkage)
    np.testing.assert_allclose(rule.weights_, other, atol=2e-3)


@pytest.mark.fits
def test_the_shrinkage_is_the_strongest_within_a_standard_error_of_the_best(problem: Callable) -> None:
    chosen = []
    for seed, skills in enumerate([(2.0, 2.0, 2.0), (0.5, 1.0, 1.5), (-1.0, 1.5, 2.0), (-4.0, 1.0, 3.0)]):
        logits, labels = problem(skills, samples=150, seed=seed)
        losses = np.empty((len(SHRINKAGES), 150))
        for training, held_out in StratifiedKFold(5, shuffle=True, random_state=seed).split(labels, labels):
            for index, strength in enumerate(SHRINKAGES):
                rule = Weighted(shrinkage=strength).fit(logits[:, training], labels[training])
                combined = np.tensordot(rule.weights_, logits[:, held_out].astype(np.float64), axes=1)
                true = combined[np.arange(len(held_out)), labels[held_out]]
                losses[index, held_out] = logsumexp(combined, axis=1) - true
        best = losses[losses.mean(axis=1).argmin()]
        worse = ttest_rel(losses, np.broadcast_to(best, losses.shape), axis=1)
        within = np.isnan(worse.statistic) | (worse.statistic <= 1)  # of the best one itself NaN
        expected = SHRINKAGES[int(np.argmax(within))]
        assert Weighted(seed=seed).fit(logits, labels).shrinkage_ == expected
        chosen.append(expected)
    assert len(set(chosen)) > 1


def test_shrinking_leads_from_the_least_loss_to_equal_weights(problem: Callable) -> None:
    logits, labels = problem()
    distances = [
        np.abs(Weighted(shrinkage=strength).fit(logits, labels).weights_ - 1 / 3).max()
        for strength in (0, 1, 10, 100, 1000, np.inf)
    ]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] == 0 < distances[-2] < distances[0]


def test_members_alike_keep_equal_weights_and_a_bad_one_loses_its_own(problem: Callable) -> None:
    alike = Weighted().fit(*problem(skills=(2.0, 2.0, 2.0), samples=300))
    assert alike.weights_.tolist() == [1 / 3] * 3
    assert alike.shrinkage_ == np.inf
    apart = Weighted().fit(*problem(skills=(-2.0, 2.0, 2.0), samples=300))
    assert apart.weights_[0] < 0.1
    assert apart.shrinkage_ < np.inf


def test_the_user_s_weights_are_used_as_they_are(problem: Callable) -> None:
    logits, labels = problem()
    rule = Weighted(weights=[1, 2, 1]).fit(logits, labels)
    assert rule.weights_.tolist() == [0.25, 0.5, 0.25]
    assert rule.shrinkage_ is None
    np.testing.assert_allclose(rule.combine(logits), np.tensordot([0.25, 0.5, 0.25], logits, 1), atol=1e-6)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"shrinkage": -1}, "shrinkage.*-1"),
        ({"over": "votes"}, "probabilities.*votes"),
        ({"weights": [1, 2]}, r"weights.*\(2,\)"),
        ({"weights": [1, -2, 1]}, "weights"),
        ({"weights": [0, 0, 0]}, "weights"),
        ({"weights": [1, 1, 1], "per_class": True}, "per_class"),
    ],
)
def test_wrong_options_are_told(problem: Callable, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Weighted(**options).fit(*problem())


def test_on_many_rows_the_shrinkage_is_chosen_by_some_of_them(
    problem: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ensembles.penalties.MOST_ROWS", 60)
    rule = Weighted(seed=4).fit(*problem(skills=(-2.0, 2.0), samples=600))
    assert rule.weights_[1] > 0.9
