"""What scikit-learn expects of a classifier, for one whose input is images.

Parameters, clones, tags and what "fitted" means: all that its tools ask before they fit. The checks that
scikit-learn has for estimators, and which of them do not apply to images, are in ``docs/scikit-learn.md``.
"""

from __future__ import annotations

from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError as ScikitNotFittedError
from sklearn.utils.metadata_routing import UNUSED

import ensembles
from zoo.data.targets import Targets


class NotFittedError(ensembles.NotFittedError, ScikitNotFittedError):
    """Raised where an ensemble is used before ``fit``; caught as the rules' error and as scikit-learn's."""


class ImageClassifier(ClassifierMixin, BaseEstimator):
    """A scikit-learn classifier of images ``(N, H, W, 3)`` with ``members``.

    Attributes:
        targets_: the classes of the fit.
    """

    members: Any
    targets_: Targets

    # scikit-learn knows X and y by their names; by others it would offer to route them as metadata.
    __metadata_request__fit: ClassVar = {"train": UNUSED, "validation": UNUSED}
    __metadata_request__predict: ClassVar = {"images": UNUSED}
    __metadata_request__predict_proba: ClassVar = {"images": UNUSED}
    __metadata_request__score: ClassVar = {"images": UNUSED, "labels": UNUSED}

    @property
    def classes_(self) -> np.ndarray:
        """``(classes,)`` what tells the classes apart, in the order of the class ids.

        The labels as ``fit(images, labels)`` was given them, else the classes' names.
        """
        return self.targets_.classes

    @property
    def class_names_(self) -> tuple[str, ...]:
        """The classes' names, in the order of the class ids, as files, tables and exports have them."""
        return self.targets_.names

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "rules_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False  # images have four axes, which no tag knows
        tags.input_tags.positive_only = True
        return tags

    def __sklearn_clone__(self) -> Self:
        """Copy the parameters, but share the members: no fit changes them, and a network is large."""
        bare = copy(self)
        bare.members = ()
        fresh: Self = BaseEstimator.__sklearn_clone__(bare)
        fresh.members = copy(self.members)
        return fresh

    def __dir__(self) -> list[str]:
        # BaseEstimator's evaluates every property, and rule_ raises where that rule could not be fitted.
        return list(object.__dir__(self))

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("Expected a fitted ensemble; call fit(train) first, or Ensemble.load(path).")
