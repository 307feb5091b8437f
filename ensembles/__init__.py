"""Combine the logits of many members into one prediction: arrays in, a fitted rule out.

A *member* is one classifier, its *logits* are the numbers before the softmax, and a *rule* combines them:

- `Soft`: the mean of the members. It learns nothing, and is the baseline of the others.
- `Hard`: one vote a member.
- `Best`: the single best member.
- `Weighted`: a weight a member, or a member and class, with the least log loss, shrunk towards equal weights.
- `Greedy`: members added one by one, and counted.
- `Stacked`: a logistic regression on all logits, or another classifier.
- `Auto`: equal weights, unless one of the rules above is significantly better.
- `Calibrated`: any of these rules, with calibration before and after it.

Scores of a learned rule are too good on the rows that it was fitted on. Score it by `out_of_fold`, and compare two
rules by `bootstrap.difference`. A fitted rule is saved as a dict for JSON (`to_dict`, `from_dict`), as JSON and `.npy`
files (`save`, `load`), or as stock Keras layers (`ensembles.layers`, which imports Keras and so is not imported here).
SciPy and scikit-learn are imported by the functions that need them.

Examples:
    >>> import numpy as np
    >>> logits = np.array([[[2.0, 0.0], [0.0, 2.0], [0.0, 2.0]],   # member 0: correct on every row
    ...                    [[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]])  # member 1: correct on one row
    >>> labels = np.array([0, 1, 1])
    >>> rule = make_rule("weighted", shrinkage=0).fit(logits, labels)
    >>> rule.weights_.round(2).tolist()
    [1.0, 0.0]
    >>> metrics.accuracy(rule.combine(logits), labels)
    1.0
    >>> bool(np.all(from_dict(to_dict(rule)).combine(logits) == rule.combine(logits)))
    True
"""

from ensembles import bootstrap, diversity, metrics, uncertainty
from ensembles.abstention import Abstention, choose_abstention
from ensembles.calibrated_rule import Calibrated, calibrated
from ensembles.calibration import Temperature, VectorScaling
from ensembles.conformal import Conformal, coverage
from ensembles.crossval import CrossFitted, cross_fit, out_of_fold
from ensembles.mahalanobis import FeatureDistance
from ensembles.registry import make_rule, rule_classes
from ensembles.rule import NotFittedError, Rule
from ensembles.rules.auto import Auto
from ensembles.rules.best import Best
from ensembles.rules.greedy import Greedy
from ensembles.rules.hard import Hard
from ensembles.rules.soft import Soft
from ensembles.rules.stacked import Stacked
from ensembles.rules.weighted import Weighted
from ensembles.serialization import from_dict, load, save, to_dict

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
    "FeatureDistance",
    "coverage",
    "to_dict",
    "from_dict",
    "save",
    "load",
    "Rule",
    "NotFittedError",
]

RULES = tuple(rule_classes())
"""The names that `make_rule` knows, from the simplest rule to those that choose among others."""
