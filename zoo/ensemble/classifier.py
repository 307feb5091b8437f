"""What scikit-learn expects of a classifier, for one whose input is images and whose fit is an ensemble's state.

Parameters, clones, tags, what "fitted" means and what was learned. The checks that scikit-learn has for estimators, and
which of them do not apply to images, are in ``docs/scikit-learn.md``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from copy import copy, deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError as ScikitNotFittedError
from sklearn.utils.metadata_routing import UNUSED

import ensembles
from zoo.data.images import Images
from zoo.ensemble_options import EnsembleOptions
from zoo.state.state import EnsembleState

Value = TypeVar("Value")


class NotFittedError(ensembles.NotFittedError, ScikitNotFittedError):
    """Raised where an ensemble is used before ``fit``; caught as the rules' error and as scikit-learn's."""


class Learned(Generic[Value]):
    """An attribute that ``fit`` makes: a part of the state.

    Args:
        part: reads it from the state.
        about: what it is.
        now: the attribute's present name, where this is an old one.
    """

    def __init__(self, part: Callable[[EnsembleState], Value], about: str = "", *, now: str = "") -> None:
        self.part = part
        self.__doc__ = about
        self.now = now

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, ensemble: Any, owner: type | None = None) -> Value:
        """Read it; raises :class:`NotFittedError` before ``fit``, also on the class itself."""
        if ensemble is None:
            raise AttributeError(f"{self.name} is made by fit")
        if self.now:
            warnings.warn(f"{self.name} is now called {self.now}", DeprecationWarning, stacklevel=2)
        return self.part(ensemble.state_)


class ImageClassifier(EnsembleOptions, ClassifierMixin, BaseEstimator):
    """A scikit-learn classifier of images ``(N, H, W, 3)`` with ``members`` and, once fitted, a state."""

    members: Any
    _state: EnsembleState
    _made_with: Mapping[str, Any] = MappingProxyType({})  # the options of the fit

    members_ = Learned(lambda state: state.members, "the members that can predict.")
    keys_ = Learned(lambda state: state.keys, "their keys in the store.")
    failures_ = Learned(lambda state: state.failures, "by name, the reason of each member or rule that failed.")
    rules_ = Learned(lambda state: state.rules, "the fitted rules by name.")
    held_out_ = Learned(lambda state: state.held_out, "the predictions that the rules were fitted on.")
    targets_ = Learned(lambda state: state.targets, "the classes, as the user and as files know them.")
    class_names_ = Learned(
        lambda state: state.class_names,
        "the classes' names, in the order of the class ids, as files, tables and exports have them.",
    )
    image_size_ = Learned(lambda state: state.image_size, "``(height, width)`` of the images in pixels.")
    provenance_ = Learned(lambda state: state.provenance, "which images members and rules have seen.")
    distribution_ = Learned(
        lambda state: state.distribution, 'of the training images\' features, for ``uncertainty="distance"``, or None.'
    )
    gains_ = Learned(
        lambda state: state.gains, "by member, what test-time views changed, by which they were taken or left."
    )
    leaderboard_ = Learned(lambda state: state.leaderboard, "scores on the held-out images.")
    store_ = Learned(lambda state: state.store, "what keeps members and logits.")
    train_ = Learned(
        lambda state: state.own_images().train,
        "the images that members were trained on; an ensemble that was loaded has none.",
    )
    validation_ = Learned(lambda state: state.own_images().to_validate(), "the validation images, likewise.")
    evidence_ = Learned(lambda state: state.held_out, now="held_out_")
    seen_ = Learned(lambda state: state.provenance, now="provenance_")
    familiarity_ = Learned(lambda state: state.distribution, now="distribution_")

    # scikit-learn knows X and y by their names; by others it would offer to route them as metadata.
    __metadata_request__fit: ClassVar = {"train": UNUSED, "validation": UNUSED}
    __metadata_request__predict: ClassVar = {"images": UNUSED}
    __metadata_request__predict_proba: ClassVar = {"images": UNUSED}
    __metadata_request__score: ClassVar = {"images": UNUSED, "labels": UNUSED}

    @property
    def state_(self) -> EnsembleState:
        """What the fit learned, as one value, with the method and the uncertainty that are set now.

        Raises:
            ensembles.NotFittedError: before ``fit``, or where another rule object was assigned since.
        """
        if not self.__sklearn_is_fitted__():
            raise NotFittedError("Expected a fitted ensemble; call fit(train) first, or Ensemble.load(path).")
        self._check_method()
        board = self._state.leaderboard.marked(self.method_)
        return replace(self._state, method=self.method_, uncertainty=self.uncertainty, leaderboard=board)

    def _check_method(self) -> None:
        """Check that a rule with options of its own is the one that was fitted, as rules are found by their names."""
        fitted = self._made_with.get("method", self.method)
        if isinstance(self.method, str) or self.method is fitted or repr(self.method) == repr(fitted):
            return
        raise NotFittedError(
            f"Expected method as the name of a fitted rule, or {fitted!r}, which was fitted; received {self.method!r}. "
            "Fit again with it; members are found in the store."
        )

    def _new_rule(self, name: str) -> ensembles.Rule:
        """Make an unfitted rule of a name; the user's own where it has that name."""
        own = self.method
        rule = deepcopy(own) if not isinstance(own, str) and own.name == name else ensembles.make_rule(name)
        return ensembles.calibrated(rule, self.member_calibration, self.calibration)

    def _unfitted(self) -> dict[str, ensembles.Rule]:
        """A rule of each name, as a fit fits it."""
        return {name: self._new_rule(name) for name in dict.fromkeys((*ensembles.RULES, self.method_))}

    @property
    def method_(self) -> str:
        """The name of the rule that predicts."""
        return self.method_name

    @property
    def rule_(self) -> ensembles.Rule:
        """The fitted rule that predicts; raises as :meth:`rule`."""
        return self.rule(self.method_)

    def rule(self, method: str) -> ensembles.Rule:
        """Return one of the fitted rules.

        Raises:
            ensembles.NotFittedError: before ``fit``.
            ValueError: an unknown method, or one whose fit failed.
        """
        return self.state_.rule(method)

    @property
    def classes_(self) -> np.ndarray:
        """``(classes,)`` the classes' labels, in the order of the class ids.

        The labels as ``fit(images, labels)`` was given them, else the classes' names.
        """
        return self.state_.targets.classes

    def predict(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict ``(N,)`` for uint8 images ``(N, H, W, 3)``: the user's labels, or class ids.

        After ``fit(images, labels)`` elements of ``classes_``, in the labels' dtype; so too after a fit on a table or
        on paths whose labels are whole numbers. After one on a folder, another file, a dataset or splits class ids
        int64, indices of ``classes_``. Exports and submissions answer likewise.
        """
        return self.state_.targets.answers(self.logits(images).argmax(axis=1))

    def predict_proba(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict probabilities ``(N, classes)`` float32, a column for each of ``classes_``."""
        return ensembles.metrics.softmax(self.logits(images))

    def logits(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict the rule's logits ``(N, classes)`` float32.

        Raises:
            ensembles.NotFittedError: before :meth:`fit`.
            ValueError: images of another size than in training.
        """
        return self.state_.logits(images)

    def member_logits(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict every member's logits ``(members, N, classes)`` float32; raises as :meth:`logits`."""
        return self.state_.member_logits(images)

    def __sklearn_is_fitted__(self) -> bool:
        return "_state" in vars(self)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False  # images have four axes, for which there is no tag
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
