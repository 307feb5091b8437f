"""Warn once if a rule is given probabilities instead of logits: in `fit`, else in `combine`, not about its results."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from ensembles.input_warnings import (
    look_like_probabilities,
    mark_warned,
    warn_of_probabilities,
    was_warned,
    without_warnings,
)

Kind = TypeVar("Kind", bound=type[Any])

FEWEST = 10  # rows: fewer logits may sum to 1 by chance


def telling_once(kind: Kind) -> Kind:
    """Let the rules of a class warn of probabilities that they combine, if they were not fitted on such."""
    kind.fit, kind.combine = _fitting(kind.fit), _combining(kind.combine)
    return kind


def _fitting(fit: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(fit)
    def fitted(rule: Any, logits: ArrayLike, *others: Any, **named: Any) -> Any:
        made = fit(rule, logits, *others, **named)
        mark_warned(rule, warned=look_like_probabilities(np.asarray(logits)))  # its fit has warned
        return made

    return fitted


def _combining(combine: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(combine)
    def combined(rule: Any, logits: ArrayLike) -> Any:
        with without_warnings():
            made = combine(rule, logits)
        array = np.asarray(logits)
        if array.shape[1] >= FEWEST and look_like_probabilities(array):
            if not was_warned(rule):
                warn_of_probabilities(array)
            mark_warned(made)
        return made

    return combined
