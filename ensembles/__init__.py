"""Turn many members' logits into one answer: arrays in, a fitted rule out.

A *member* is one classifier, its *logits* are the numbers before the softmax, and a *rule* makes one answer
of them:

- `Soft`: the mean; nothing to learn, the one to beat.
- `Hard`: one vote a member.
- `Best`: the single best member.
- `Weighted`: one weight a member, or a member and class, of the least log loss, drawn towards equal ones.
- `Greedy`: members taken one by one, and counted.
- `Stacked`: a logistic regression on all logits, or another classifier.
- `Auto`: equal weights, unless one of the above is surely better.
- `Calibrated`: any of them, with calibration before and after it.

Learned rules look their best on the rows that they were fitted on: judge them by `out_of_fold`, and a difference by
`bootstrap.difference`. A fitted rule travels as JSON (`to_dict`, `from_dict`), as JSON and `.npy` (`save`, `load`) or
as stock Keras layers (`ensembles.layers`, the only module that imports Keras and therefore not imported here). SciPy
and scikit-learn are imported by the functions that need them.

>>> import numpy as np
>>> logits = np.array([[[2.0, 0.0], [0.0, 2.0], [0.0, 2.0]],   # member 0: right on every row
...                    [[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]])  # member 1: right on one
>>> labels = np.array([0, 1, 1])
>>> rule = make_rule("weighted", shrinkage=0).fit(logits, labels)
>>> rule.weights_.round(2).tolist()
[1.0, 0.0]
>>> metrics.accuracy(rule.combine(logits), labels)
1.0
>>> bool(np.all(from_dict(to_dict(rule)).combine(logits) == rule.combine(logits)))
True
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ensembles import bootstrap, diversity, metrics, saved, uncertainty
from ensembles.abstention import Abstention, choose_abstention
from ensembles.auto import Auto
from ensembles.best import Best
from ensembles.calibrated import Calibrated
from ensembles.calibration import Temperature, VectorScaling, check_calibrator
from ensembles.conformal import Conformal, coverage
from ensembles.crossval import CrossFitted, cross_fit, out_of_fold
from ensembles.estimators import Maps
from ensembles.greedy import Greedy
from ensembles.hard import Hard
from ensembles.rule import NotFittedError, Rule
from ensembles.soft import Soft
from ensembles.stacked import Stacked
from ensembles.weighted import Weighted

__all__ = [
    "RULES",
    "make_rule",
    "Soft",
    "Hard",
    "Best",
    "Weighted",
    "Greedy",
    "Stacked",
    "Auto",
    "Calibrated",
    "calibrated",
    "Temperature",
    "VectorScaling",
    "out_of_fold",
    "cross_fit",
    "CrossFitted",
    "metrics",
    "bootstrap",
    "diversity",
    "uncertainty",
    "choose_abstention",
    "Abstention",
    "Conformal",
    "coverage",
    "to_dict",
    "from_dict",
    "save",
    "load",
    "Rule",
    "NotFittedError",
]

_CLASSES: dict[str, type[Any]] = {rule.name: rule for rule in (Soft, Hard, Best, Weighted, Greedy, Stacked, Auto)}
_WRITTEN = _CLASSES | {kind.name: kind for kind in (Calibrated, Temperature, VectorScaling, Maps)}

RULES = tuple(_CLASSES)
"""The names that `make_rule` knows."""


def make_rule(name: str, **options: object) -> Rule:
    """Make the unfitted rule of this name.

    `options` are those of its constructor: `make_rule("stacked", strength=1.0)`.

    Raises:
        ValueError: no rule has this name.
        TypeError: the rule has no such option.
    """
    if name not in _CLASSES:
        raise ValueError(f"expected a rule among {', '.join(RULES)}, received {name!r}{_hint(name, RULES)}")
    known = [option.name for option in fields(_CLASSES[name]) if option.init]
    for option in options.keys() - set(known):
        listed = f"an option among {', '.join(known)}" if known else "no options"
        raise TypeError(f"expected {listed} for {name}, received {option!r}{_hint(option, known)}")
    rule: Rule = _CLASSES[name](**options)
    return rule


def _hint(name: object, known: Sequence[str]) -> str:
    close = get_close_matches(str(name), known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def calibrated(rule: Rule, members: str = "none", whole: str = "temperature") -> Rule:
    """Put calibration around a rule: "none", "temperature" or "vector" for each; the rule itself where both are none.

    Raises:
        ValueError: no calibrator has this name.
    """
    for name in (members, whole):
        check_calibrator(name)
    return rule if members == whole == "none" else Calibrated(rule=rule, members=members, whole=whole)


def to_dict(rule: Rule) -> dict[str, Any]:
    """Describe a fitted rule in what JSON knows.

    Raises:
        NotFittedError: before `fit`.
        TypeError: it learned what cannot be written, such as a forest.
    """
    return saved.as_dict(rule)


def from_dict(described: Mapping[str, Any]) -> Rule:
    """Make the fitted rule that `to_dict` described; it combines to the last bit alike.

    Raises:
        ValueError: an unknown name, a key missing, or values of the wrong shape.
    """
    return saved.as_rule(described, _WRITTEN)


def save(rule: Rule, folder: str | Path) -> None:
    """Write a fitted rule to a folder: `rule.json`, and an `.npy` for each array; errors are those of `to_dict`."""
    saved.write(rule, Path(folder))


def load(folder: str | Path) -> Rule:
    """Read what `save` wrote; errors are those of `from_dict`, and FileNotFoundError."""
    return saved.read(Path(folder), _WRITTEN)
