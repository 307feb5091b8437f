"""Fits that are remembered by their content, so that nothing unchanged is fitted again."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from numpy.typing import ArrayLike

from ensembles.fit_keys import key_of
from ensembles.rule import Rule, fit_rule
from ensembles.serialization import from_dict, learned_fields, to_dict

Value = TypeVar("Value")
Plain = Mapping[str, Any]


class Keeper(Protocol):
    """Keeps described fits by key, such as in files. What it cannot read or write it leaves out."""

    def find(self, key: str) -> Plain | None:
        """Return what was kept under a key, or None."""
        ...

    def keep(self, key: str, described: Plain) -> None:
        """Keep JSON values under a key, in place of what was there."""
        ...


class InMemory(dict[str, Plain]):
    """A keeper for as long as it lives."""

    def find(self, key: str) -> Plain | None:
        """Return what was kept under a key, or None."""
        return self.get(key)

    def keep(self, key: str, described: Plain) -> None:
        """Keep JSON values under a key, in place of what was there."""
        self[key] = described


_KEEPERS: ContextVar[tuple[Keeper, ...]] = ContextVar("keepers", default=())


@contextmanager
def remembering(keeper: Keeper | None = None) -> Iterator[None]:
    """Remember fits while the block runs, and longer in a keeper.

    A fit is found again by its key (`ensembles.fit_keys`). Parts of a fit, such as the copies of a rule that predict
    out of fold, are remembered while the block runs only.

    Examples:
        >>> import numpy as np
        >>> from ensembles import Weighted
        >>> logits, labels = np.random.default_rng(0).normal(size=(3, 40, 2)), np.arange(40) % 2
        >>> with remembering(kept := InMemory()):
        ...     rules = [fit_once(Weighted(), logits, labels) for _ in range(2)]
        >>> len(kept), rules[0].shrinkage_ == rules[1].shrinkage_
        (1, True)
    """
    *_, memory = _KEEPERS.get() or (InMemory(),)  # of the block around this one, where there is one
    token = _KEEPERS.set((memory,) if keeper is None else (keeper, memory))
    try:
        yield
    finally:
        _KEEPERS.reset(token)


def fit_once(rule: Rule, logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None) -> Rule:
    """Fit a rule as `ensembles.rule.fit_rule` does, or read what an equal fit learned; return the rule."""

    def restore(described: Plain) -> Rule:
        found = from_dict(described)
        if type(found) is not type(rule):
            raise ValueError(f"Expected a fitted {type(rule).__name__}; received a {type(found).__name__}.")
        for name in learned_fields(found):
            setattr(rule, name, getattr(found, name))
        return rule

    return recalled(
        lambda: key_of("fit", rule, logits, labels, groups),
        lambda: fit_rule(rule, logits, labels, groups),
        to_dict,
        restore,
    )


def recalled(
    key: Callable[[], str | None],
    compute: Callable[[], Value],
    describe: Callable[[Value], Plain],
    restore: Callable[[Plain], Value],
) -> Value:
    """Return what is kept under a key, or compute and keep it; outside of `remembering` compute it.

    Args:
        key: Returns the key; None for what cannot be kept.
        compute: Computes the value.
        describe: Describes it as JSON values.
        restore: Makes it from these; raises ValueError, TypeError or KeyError if they are not what `describe` returns.
    """
    keepers = _KEEPERS.get()
    own = key() if keepers else None
    if own is None:
        return compute()
    for described in filter(None, (keeper.find(own) for keeper in keepers)):
        try:
            return restore(described)
        except (ValueError, TypeError, KeyError):
            continue  # another's: it is computed and kept in its place
    token = _KEEPERS.set(keepers[-1:])
    try:
        value = compute()
    finally:
        _KEEPERS.reset(token)
    described = describe(value)
    for keeper in keepers:
        keeper.keep(own, described)
    return value
