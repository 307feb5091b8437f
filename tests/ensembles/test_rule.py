"""ensembles/rule.py: what every rule promises, and what it says to wrong input."""

from collections.abc import Callable

import numpy as np
import pytest

from ensembles import RULES, NotFittedError, make_rule, to_dict
from ensembles.rule import check_rows


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rules_combine_to_float32_of_samples_by_classes(
    problem: Callable, quick: Callable, name: str, dtype: type
) -> None:
    logits, labels = problem()
    rule = quick(name)
    assert rule.fit(logits.astype(dtype), labels) is rule
    assert rule.shape_ == (3, 3)
    combined = rule.combine(logits[:, :7].astype(dtype))
    assert combined.shape == (7, 3)
    assert combined.dtype == np.float32
    assert rule.combine(logits[:, :0]).shape == (0, 3)


@pytest.mark.parametrize("name", RULES)
def test_fit_leaves_its_input_alone_and_accepts_lists(problem: Callable, quick: Callable, name: str) -> None:
    logits, labels = problem()
    before = logits.copy()
    rule = quick(name).fit(list(logits), labels.tolist())
    np.testing.assert_array_equal(logits, before)
    np.testing.assert_array_equal(rule.combine(list(logits)), quick(name).fit(logits, labels).combine(logits))


@pytest.mark.parametrize("name", RULES)
def test_a_constant_added_to_a_row_changes_no_probability(problem: Callable, quick: Callable, name: str) -> None:
    from ensembles.metrics import softmax

    logits, labels = problem()
    shifted = logits + np.random.default_rng(1).normal(size=(3, len(labels), 1)).astype(np.float32) * 5
    expected = softmax(quick(name).fit(logits, labels).combine(logits))
    np.testing.assert_allclose(softmax(quick(name).fit(logits, labels).combine(shifted)), expected, atol=1e-5)
    np.testing.assert_allclose(softmax(quick(name).fit(shifted, labels).combine(logits)), expected, atol=1e-3)


@pytest.mark.parametrize("name", RULES)
def test_use_before_fit_is_an_error(problem: Callable, quick: Callable, name: str) -> None:
    logits, _ = problem()
    text = f"{name.title()}.*before fit"
    with pytest.raises(NotFittedError, match=text):
        quick(name).combine(logits)
    with pytest.raises(NotFittedError, match=text):
        to_dict(quick(name))


@pytest.mark.parametrize("name", RULES)
def test_other_members_or_classes_than_fitted_are_errors(problem: Callable, quick: Callable, name: str) -> None:
    logits, labels = problem()
    rule = quick(name).fit(logits, labels)
    with pytest.raises(ValueError, match=r"3 members.*2 members"):
        rule.combine(logits[:2])
    with pytest.raises(ValueError, match=r"3 classes.*2 classes"):
        rule.combine(logits[..., :2])


GOOD = np.zeros((2, 4, 3), np.float32)
LABELS = np.array([0, 1, 2, 0])


@pytest.mark.parametrize(
    ("logits", "labels", "error", "text"),
    [
        (GOOD[0], LABELS, ValueError, r"\(members, samples, classes\).*\(4, 3\)"),
        (GOOD[0, 0], LABELS, ValueError, r"\(3,\)"),
        ([GOOD[0], GOOD[0, :2]], LABELS, ValueError, "shape"),
        (GOOD.astype(int), LABELS, TypeError, "int64"),
        (GOOD[:0], LABELS, ValueError, r"1 member.*\(0, 4, 3\)"),
        (GOOD[..., :1], LABELS, ValueError, r"2 classes.*\(2, 4, 1\)"),
        (np.where(GOOD == 0, np.nan, GOOD), LABELS, ValueError, "finite"),
        (GOOD, LABELS[:3], ValueError, r"labels.*\(3,\)"),
        (GOOD, np.eye(3)[LABELS], ValueError, r"\(4, 3\).*argmax"),
        (GOOD, LABELS.astype(float), TypeError, "float64"),
        (GOOD, LABELS + 1, ValueError, "1 to 3"),
        (GOOD, LABELS - 1, ValueError, "-1 to 1"),
        (GOOD[:, :0], LABELS[:0], ValueError, "row"),
    ],
)
def test_wrong_input_is_told_what_to_do(logits: object, labels: np.ndarray, error: type, text: str) -> None:
    for name in RULES:
        with pytest.raises(error, match=text):
            make_rule(name).fit(logits, labels)


def test_one_infinite_member_is_found() -> None:
    logits = GOOD.copy()
    logits[1, 3, 2] = np.inf
    with pytest.raises(ValueError, match="finite"):
        check_rows(logits, LABELS)
