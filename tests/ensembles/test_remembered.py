"""ensembles/remembered.py and fit_keys.py: nothing unchanged is fitted again, and nothing else is taken for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from ensembles import Auto, Calibrated, Soft, Stacked, cross_fit, fit_keys, make_rule, registry, to_dict
from ensembles.fit_keys import key_of
from ensembles.remembered import InMemory, fit_once, remembering


def counted(monkeypatch: pytest.MonkeyPatch, kind: type) -> list[int]:
    """The numbers of rows that a kind of rule is fitted on."""
    calls, fit = [], kind.fit

    def counting(self: object, logits: np.ndarray, *rest: object) -> object:
        calls.append(np.shape(logits)[1])
        return fit(self, logits, *rest)

    monkeypatch.setattr(kind, "fit", counting)
    return calls


@pytest.mark.parametrize("name", ["soft", "best", "weighted", "greedy", "stacked", "auto"])
def test_what_is_read_is_what_was_fitted(
    name: str, quick: Callable, problem: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits, labels = problem()
    kept = InMemory()
    with remembering(kept):
        fitted = fit_once(quick(name), logits, labels)
        copies = cross_fit(quick(name), logits, labels)
    assert len(kept) == 2
    calls = counted(monkeypatch, type(fitted))
    with remembering(kept):
        read = fit_once(quick(name), logits, labels)
        read_copies = cross_fit(quick(name), logits, labels)
    assert calls == []
    assert to_dict(read) == to_dict(fitted)
    np.testing.assert_array_equal(read_copies.fold, copies.fold)
    np.testing.assert_array_equal(read_copies.combine(logits), copies.combine(logits))


def test_rules_share_their_parts_in_a_block(problem: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    logits, labels = problem()
    calls = counted(monkeypatch, Stacked)
    with remembering():
        fit_once(Calibrated(rule=Stacked()), logits, labels)
        alone = len(calls)
        fit_once(Calibrated(rule=Auto(rules=("stacked",))), logits, labels)
    assert len(calls) == alone  # auto's fit and its copies out of fold are those of before


def test_the_key_has_all_that_decides_a_fit(problem: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    logits, labels = problem()
    changed = logits.copy()
    changed[2, 89, 1] = np.nextafter(changed[2, 89, 1], np.float32(9))
    groups = np.arange(90) // 2
    keys = [
        key_of("fit", Stacked(), logits, labels, None),
        key_of("cross_fit", Stacked(), logits, labels, None),
        key_of("fit", Stacked(strength=1.0), logits, labels, None),
        key_of("fit", Stacked(strength=1), logits, labels, None),
        key_of("fit", Calibrated(rule=Stacked()), logits, labels, None),
        key_of("fit", Calibrated(rule=Stacked(seed=1)), logits, labels, None),
        key_of("fit", Stacked(), changed, labels, None),
        key_of("fit", Stacked(), logits.astype(float), labels, None),
        key_of("fit", Stacked(), logits[::-1], labels, None),
        key_of("fit", Stacked(), logits, labels[::-1].copy(), None),
        key_of("fit", Stacked(), logits, labels, groups),
    ]
    monkeypatch.setattr(fit_keys, "code_digest", lambda: "of other code")
    keys.append(key_of("fit", Stacked(), logits, labels, None))
    assert None not in keys
    assert len(set(keys)) == len(keys)


def test_what_was_learned_and_how_arrays_lie_changes_no_key(problem: Callable) -> None:
    logits, labels = problem()
    turned = np.asfortranarray(logits)
    fitted = make_rule("weighted").fit(logits, labels)
    assert key_of("fit", fitted, turned, labels) == key_of("fit", make_rule("weighted"), logits, labels)


def test_without_code_to_read_nothing_is_remembered(problem: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_keys, "code_digest", lambda: None)
    with remembering(kept := InMemory()):
        fit_once(Soft(), *problem())
    assert not kept


def test_estimators_are_fitted_each_time(problem: Callable) -> None:
    with remembering(kept := InMemory()):
        rule = Stacked(estimator=RandomForestClassifier(2, random_state=0))
        fit_once(rule, *problem())
        fit_once(Calibrated(rule=rule, whole="none"), *problem())
    assert not kept


def test_rules_of_the_users_own_are_fitted_each_time(problem: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_CLASSES", dict(registry._CLASSES))
    monkeypatch.setattr(registry, "_ORDERS", dict(registry._ORDERS))

    @registry.register()
    @dataclass(kw_only=True, eq=False)
    class Mine(Soft):
        name: ClassVar[str] = "mine"

    logits, labels = problem(samples=30)
    with remembering(kept := InMemory()):
        fit_once(Mine(), logits, labels)
        fit_once(Calibrated(rule=Mine()), logits, labels)
        fit_once(Auto(rules=("mine",)), logits, labels)
    assert {rule["name"] for found in kept.values() for rule in found["rules"]} <= {"soft"}  # copies of auto's baseline


@pytest.mark.parametrize("put", [{}, {"name": "soft"}, {"fold": [0], "rules": []}])
def test_what_cannot_be_restored_is_fitted_and_kept_again(put: dict, problem: Callable) -> None:
    logits, labels = problem()
    with remembering(kept := InMemory()):
        fit_once(make_rule("best"), logits, labels)
        cross_fit(make_rule("best"), logits, labels)
    whole = dict(kept)
    kept.update(dict.fromkeys(kept, put))
    with remembering(kept):
        assert fit_once(make_rule("best"), logits, labels).member_ == 2
        assert len(cross_fit(make_rule("best"), logits, labels).rules) == 5
    assert kept == whole


def test_another_rules_fit_is_not_taken(problem: Callable) -> None:
    logits, labels = problem()
    with remembering(kept := InMemory()):
        fit_once(make_rule("best"), logits, labels)
    (key,) = kept
    kept[key] = to_dict(Soft().fit(logits, labels))
    with remembering(kept):
        assert fit_once(make_rule("best"), logits, labels).member_ == 2


def test_a_failed_fit_is_not_kept(problem: Callable) -> None:
    logits, labels = problem()
    with remembering(kept := InMemory()):
        with pytest.raises(ValueError, match="rows of all 3 classes"):
            fit_once(Stacked(), logits, np.minimum(labels, 1))
        assert not kept
        fit_once(Soft(), logits, labels)  # the block goes on as before
    assert len(kept) == 1
