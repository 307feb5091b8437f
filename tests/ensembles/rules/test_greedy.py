"""ensembles/rules/greedy.py: against a plain search, and what Caruana's selection promises."""

from collections.abc import Callable
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.metrics import log_loss as sklearn_log_loss

from ensembles import Best, Greedy, Soft
from ensembles.losses import prepare
from ensembles.metrics import log_loss, softmax

# Members worse than chance, which some of these are, look like ones with other columns.
pytestmark = pytest.mark.filterwarnings("ignore:Expected columns in the order")

SKILLS = st.lists(st.floats(-1, 4), min_size=1, max_size=5).map(tuple)
SEEDS = st.integers(0, 2**32 - 1)
PROPERTY = settings(deadline=None, max_examples=30, derandomize=True, database=None)

LOSSES = {
    "log_loss": lambda labels, mean: sklearn_log_loss(labels, mean / mean.sum(axis=1, keepdims=True)),
    "accuracy": lambda labels, mean: 1 - accuracy_score(labels, mean.argmax(axis=1)),
    "balanced_accuracy": lambda labels, mean: 1 - balanced_accuracy_score(labels, mean.argmax(axis=1)),
}


def plain_loss(outputs: np.ndarray, labels: np.ndarray, metric: str, over: str, members: list[int]) -> float:
    """Loss of the mean of some members, taken again as often as they are named."""
    mean = outputs[members].mean(axis=0)
    return LOSSES[metric](labels, softmax(mean).astype(np.float64) if over == "logits" else mean)


def plain_search(
    logits: np.ndarray, labels: np.ndarray, metric: str, over: str, rounds: int, sorted_start: bool
) -> list[int]:
    """Caruana's loop with scikit-learn's metrics; among equals a member that is in, then the first."""
    outputs = logits.astype(np.float64) if over == "logits" else softmax(logits).astype(np.float64)
    members = range(len(logits))

    def loss(members: list[int]) -> float:
        return plain_loss(outputs, labels, metric, over, members)

    path: list[int] = []
    if sorted_start:
        single = [loss([member]) for member in members]
        best_first = sorted(members, key=lambda member: single[member])[:rounds]
        starts = [best_first[:count] for count in range(1, len(best_first) + 1)]
        path = list(starts[int(np.argmin([loss(start) for start in starts]))])
    while len(path) < rounds:
        losses = {member: loss([*path, member]) for member in members}
        least = [member for member in members if losses[member] <= min(losses.values()) + 1e-12]
        path.append(([member for member in least if member in path] or least)[0])
    return path


@pytest.mark.parametrize("metric", LOSSES)
@pytest.mark.parametrize("over", ["logits", "probabilities"])
@pytest.mark.parametrize("sorted_start", [False, True])
def test_against_a_plain_search(problem: Callable, metric: str, over: str, sorted_start: bool) -> None:
    logits, labels = problem(skills=(0.5, 1.0, 1.2, 0.9), samples=120, seed=5)
    rule = Greedy(metric=metric, over=over, rounds=8, sorted_start=sorted_start).fit(logits, labels)
    assert rule.paths_ == [plain_search(logits, labels, metric, over, 8, sorted_start)]


def test_each_bag_against_a_plain_search_among_its_members(problem: Callable) -> None:
    logits, labels = problem(skills=(0.5, 1.0, 1.2, 0.9, 1.1, 0.8), samples=120, seed=6)
    rule = Greedy(rounds=6, bags=8, bag_share=0.5, seed=3).fit(logits, labels)
    random = np.random.default_rng(3)
    for path in rule.paths_:
        bag = np.sort(random.choice(6, 3, replace=False))
        assert path == bag[plain_search(logits[bag], labels, "log_loss", "logits", 6, True)].tolist()


@pytest.mark.parametrize("metric", LOSSES)
@pytest.mark.parametrize("over", ["logits", "probabilities"])
def test_two_rounds_against_all_pairs(problem: Callable, metric: str, over: str) -> None:
    """Its loss is that of the best pair with the best member in it, or of that member alone."""
    for seed in range(5):
        logits, labels = problem(skills=(0.9, 1.0, 1.2, 1.1), seed=seed)
        outputs = logits.astype(np.float64) if over == "logits" else softmax(logits).astype(np.float64)
        single = [plain_loss(outputs, labels, metric, over, [member]) for member in range(4)]
        best = int(np.argmin(single))
        pairs = [plain_loss(outputs, labels, metric, over, [best, other]) for other in range(4)]
        rule = Greedy(metric=metric, over=over, rounds=2, sorted_start=False).fit(logits, labels)
        assert min(rule.losses_[0]) == pytest.approx(min(*single, *pairs), abs=1e-6)


@pytest.mark.fits
def test_many_rounds_come_near_to_the_best_of_all_counts(problem: Callable) -> None:
    for seed in range(2):
        logits, labels = problem(skills=(1.0, 1.4, 1.8), seed=seed)
        outputs = logits.astype(np.float64)
        counts = [list(some) for size in range(1, 13) for some in combinations_with_replacement(range(3), size)]
        least = min(plain_loss(outputs, labels, "log_loss", "logits", some) for some in counts)
        for sorted_start in (True, False):
            rule = Greedy(rounds=12, sorted_start=sorted_start).fit(logits, labels)
            assert least - 1e-6 <= min(rule.losses_[0]) <= least + 5e-4


@pytest.mark.parametrize("seed", range(3))
def test_as_good_as_autogluon_s_selection(problem: Callable, seed: int) -> None:
    selection = pytest.importorskip("autogluon.core.models.greedy_ensemble.ensemble_selection", exc_type=ImportError)
    from autogluon.core.metrics import log_loss as scorer

    logits, labels = problem(skills=(0.5, 1.0, 1.2, 0.9), samples=400, seed=seed)
    theirs = selection.EnsembleSelection(25, "multiclass", scorer).fit(list(softmax(logits)), labels)
    mean = np.log(np.tensordot(theirs.weights_, softmax(logits), axes=1))
    ours = Greedy(over="probabilities", sorted_start=False).fit(logits, labels).combine(logits)
    assert log_loss(ours, labels) <= log_loss(mean, labels) + 1e-6  # they round their losses to six places


@PROPERTY
@given(SKILLS, SEEDS, st.sampled_from(["logits", "probabilities"]))
def test_never_worse_than_the_best_member_or_equal_weights(
    problem: Callable, skills: tuple, seed: int, over: str
) -> None:
    logits, labels = problem(skills, seed=seed)
    rule = Greedy(over=over).fit(logits, labels)
    loss = log_loss(rule.combine(logits), labels)
    for other in (Best(), Soft(over=over)):
        assert loss <= log_loss(other.fit(logits, labels).combine(logits), labels) + 1e-5
    assert rule.weights_.min() >= 0
    assert rule.weights_.sum() == pytest.approx(1)


@PROPERTY
@given(SKILLS, SEEDS)
def test_a_copy_of_a_member_is_left_out(problem: Callable, skills: tuple, seed: int) -> None:
    logits, labels = problem(skills, seed=seed)
    rule = Greedy(sorted_start=False).fit(np.concatenate([logits, logits[:1]]), labels)
    assert rule.weights_[-1] == 0


@pytest.mark.parametrize("metric", LOSSES)
@pytest.mark.parametrize("over", ["logits", "probabilities"])
def test_outputs_lie_class_by_class_in_memory(problem: Callable, metric: str, over: str) -> None:
    """Row by row the search takes several times as long."""
    outputs, _ = prepare(*problem(), metric, over)
    assert outputs.flags.c_contiguous
    assert outputs.shape[2] == 90


def test_the_best_point_of_the_path_is_taken(problem: Callable) -> None:
    logits, labels = problem(skills=(8.0, 0.0, 0.0))
    rule = Greedy(rounds=6, sorted_start=False).fit(logits, labels)
    best = int(np.argmin(rule.losses_[0]))
    counts = np.bincount(rule.paths_[0][: best + 1], minlength=3)
    np.testing.assert_allclose(rule.weights_, counts / counts.sum())


def test_a_sorted_start_begins_with_the_best_few(problem: Callable) -> None:
    logits, labels = problem(skills=(2.0, -3.0, 2.1, 1.9), samples=300)
    rule = Greedy(rounds=6).fit(logits, labels)
    assert set(rule.paths_[0][:3]) == {0, 2, 3}
    assert len(rule.paths_[0]) == len(rule.losses_[0]) == 6


def test_a_bag_has_a_fraction_of_the_members(problem: Callable) -> None:
    logits, labels = problem(skills=(1.0, 1.1, 0.9, 1.0, 1.2, 1.0))
    rule = Greedy(bags=20, bag_share=0.5, seed=1).fit(logits, labels)
    assert len(rule.paths_) == 20
    assert max(len(set(path)) for path in rule.paths_) <= 3
    assert rule.weights_.sum() == pytest.approx(1)
    assert (rule.weights_ > 0).sum() > 3
    again = Greedy(bags=20, bag_share=0.5, seed=1).fit(logits, labels)
    np.testing.assert_array_equal(again.weights_, rule.weights_)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"rounds": 0}, "rounds"),
        ({"bags": -1}, "bags.*-1"),
        ({"bag_share": 0}, "bag_share"),
        ({"metric": "f1"}, "metric.*log_loss"),
        ({"over": "votes"}, "probabilities"),
    ],
)
def test_wrong_options_are_told(problem: Callable, options: dict, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Greedy(**options).fit(*problem())


def test_one_search_has_one_path(problem: Callable) -> None:
    rule = Greedy(rounds=4).fit(*problem())
    assert rule.path_ == rule.paths_[0]
    with pytest.raises(AttributeError, match=r"bags.*paths_"):
        Greedy(rounds=4, bags=2).fit(*problem()).path_  # noqa: B018
