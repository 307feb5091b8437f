"""Turn many members' logits into one answer: arrays in, a fitted rule out.

A *member* is one classifier, its *logits* are the numbers before the softmax, and a *rule* makes one answer
of them:

- `Soft`: the mean; nothing to learn, the one to beat.
- `Weighted`: one weight a member, >= 0 and summing to 1, of the least log loss.
- `Stacked`: a logistic regression on all logits, which also learns which member to believe about which class.

Learned rules look their best on the rows that they were fitted on: judge them by `out_of_fold`. A fitted rule
travels as JSON (`rule.to_dict()`, `from_dict`) or as stock Keras layers (`ensembles.layers`, the only module
that imports Keras and therefore not imported here). SciPy and scikit-learn are imported by the functions that
need them.

>>> import numpy as np
>>> logits = np.array([[[2.0, 0.0], [0.0, 2.0], [0.0, 2.0]],   # member 0: right on every row
...                    [[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]])  # member 1: right on one
>>> labels = np.array([0, 1, 1])
>>> rule = make_rule("weighted").fit(logits, labels)
>>> rule.weights_.round(2).tolist()
[1.0, 0.0]
>>> metrics.accuracy(rule.combine(logits), labels)
1.0
>>> bool(np.all(from_dict(rule.to_dict()).combine(logits) == rule.combine(logits)))
True
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from ensembles import metrics
from ensembles.crossval import CrossFitted, cross_fit, out_of_fold
from ensembles.rule import NotFittedError, Rule
from ensembles.soft import Soft
from ensembles.stacked import Stacked
from ensembles.weighted import Weighted

__all__ = [
    "RULES",
    "make_rule",
    "Soft",
    "Weighted",
    "Stacked",
    "out_of_fold",
    "cross_fit",
    "CrossFitted",
    "metrics",
    "from_dict",
    "Rule",
    "NotFittedError",
]

_CLASSES: dict[str, type[Any]] = {"soft": Soft, "weighted": Weighted, "stacked": Stacked}

RULES = tuple(_CLASSES)
"""The names that `make_rule` knows."""


def make_rule(name: str, **options: object) -> Rule:
    """Make the unfitted rule of this name.

    `options` are those of its constructor: `make_rule("stacked", strength=1.0)`.

    Raises:
        ValueError: no rule has this name.
    """
    rule: Rule = _rule_class(name)(**options)
    return rule


def from_dict(saved: Mapping[str, Any]) -> Rule:
    """Make the fitted rule that `rule.to_dict()` described; it combines to the last bit alike.

    Raises:
        ValueError: an unknown name, a key missing, or values of the wrong shape.
    """
    try:
        rule: Rule = _rule_class(saved["name"]).from_dict(saved)
    except KeyError as missing:
        raise ValueError(f"expected what to_dict() returned, received a dict without {missing}") from None
    return rule


def _rule_class(name: str) -> type[Any]:
    if name in _CLASSES:
        return _CLASSES[name]
    close = get_close_matches(str(name), RULES, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"expected a rule among {', '.join(RULES)}, received {name!r}{hint}")
