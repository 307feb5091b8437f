"""``Ensemble``: members and a rule, as one scikit-learn classifier of images."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from zoo.data.loading import with_validation
from zoo.data.targets import as_sources
from zoo.ensemble.beginning import check_first
from zoo.ensemble.classifier import ImageClassifier
from zoo.ensemble.explaining import ExplainMixin
from zoo.ensemble.exporting import ExportMixin
from zoo.ensemble.foreseen import planned
from zoo.ensemble.scores import ScoreMixin
from zoo.ensemble.within_time import fit_states
from zoo.ensemble_options import EnsembleOptions
from zoo.members.entered import to_enter
from zoo.members.member import Member
from zoo.models.keras_file import KerasFile
from zoo.models.plan import Plan
from zoo.models.randomness import seeded
from zoo.planning.watching import wanted
from zoo.state import persistence
from zoo.state.occupancy import occupied
from zoo.training.own_callbacks import as_callbacks
from zoo.utils.logging import without_tensorflow_warnings
from zoo.utils.option_fields import documented, option, options_of

logger = logging.getLogger(__name__)

if TYPE_CHECKING:
    import keras

    from zoo.data.loading import Source
    from zoo.data.targets import Labels
    from zoo.planning.forecast import Forecast
    from zoo.planning.preset_choice import Choice


@documented
@dataclass(eq=False, repr=False)
class Ensemble(ScoreMixin, ExplainMixin, ExportMixin, ImageClassifier):
    """Several members that predict as one; a scikit-learn classifier of images.

    Args:
    {options}

    Attributes:
        classes_: ``(classes,)`` the user's labels of the classes, or their names.
        state_: all that was learned, as one value; its parts are attributes too, such as ``members_``, ``rules_``,
            ``leaderboard_``, ``failures_``.

    Examples:
        >>> import numpy as np
        >>> from zoo import Ensemble, Recipe
        >>> images = np.repeat(np.arange(0, 240, 5, dtype=np.uint8), 8 * 8 * 3).reshape(48, 8, 8, 3)
        >>> labels = np.where(images.mean(axis=(1, 2, 3)) < 120, "dark", "bright")
        >>> ensemble = Ensemble(["simple_cnn"], recipe=Recipe(head_epochs=1, epochs=0)).fit(images, labels)
        >>> ensemble.predict_proba(images).shape
        (48, 2)
    """

    members: Sequence[str | Path | Plan | Member | KerasFile | keras.Model] = option(
        (),
        help="backbone names, plans, members from :func:`zoo.build`, trained Keras models, paths of such "
        '(``"mine.keras"``) and fitted members, mixed. '
        "What is fitted is not fitted again. A name that comes twice gets another seed each time: "
        '``"mobilenet_v2 x3"`` is three of them.',
    )
    store: str | Path | None = option(
        None,
        help="folder that keeps members, logits and the fitted ensemble, which :meth:`load` opens; other ensembles "
        "may share it. By default one that goes with the process.",
        keyword=True,
    )
    drop_duplicates: bool = option(
        True,
        help="leave exact duplicates out of a source that ``fit`` loads, and every copy of those under conflicting "
        "labels, as ``zoo fit`` does. What was loaded before and ``fit(images, labels)`` are taken as they are.",
        keyword=True,
    )

    @overload
    def fit(
        self,
        train: Source,
        validation: Source | None = None,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        progress: bool | None = None,
        on_kept: Callable[[Self], object] | None = None,
    ) -> Self: ...

    @overload
    def fit(
        self,
        images: np.ndarray,
        labels: Labels,
        /,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        progress: bool | None = None,
        on_kept: Callable[[Self], object] | None = None,
    ) -> Self: ...

    def fit(
        self,
        train: Source,
        validation: Source | Labels | None = None,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        progress: bool | None = None,
        on_kept: Callable[[Self], object] | None = None,
    ) -> Self:
        """Train the members that are not fitted, and fit every rule on images that they were not trained on.

        Either ``fit(train, validation)`` on sources of labelled images, or ``fit(images, labels)`` as scikit-learn
        calls it. A bare array has no labels of its own, so what follows it are its labels, not images to validate with.
        The global random generators of Python, NumPy, Keras and TensorFlow are left as they were.

        Args:
            train: anything that :func:`zoo.load` takes alone; its own validation split is used where it has one. Or
                images ``(N, H, W, 3)`` uint8 of 0 to 255.
            validation: a source likewise; by default a stratified fifth of ``train`` is held out. Or the labels
                ``(N,)`` of an array: whole numbers of any values, strings or bools; then too a fifth is held out.
            callbacks: Keras callbacks. Each of several members is trained with copies of them, as they are now; one
                member alone with the objects themselves. Read losses from ``member.history``, or set ``shared = True``
                in a class of your own for one object that sees all members. ``{member}`` in a path is the member's
                name: ``CSVLogger("logs/{member}.csv")``; without it, files that several members would write to get the
                name in their path. A member's key contains every callback that may change the training: all but
                Keras' loggers and classes with ``watches = True``. Prefer the recipe's options: ``patience``,
                ``schedule``, ``ema``.
            progress: show a forecast of the run, as of :meth:`plan`, and then bars; by default on a terminal and in a
                notebook. True logs lines elsewhere; False is quiet.
            on_kept: is called with the ensemble whenever one is fitted: once, and within a time limit for every better
                one, so that something can be made of each, such as an export.

        Raises:
            TypeError: a source where an array's labels should be.
            ValueError: data or members that do not fit, an unknown method or calibration.
            RuntimeError: every member failed; the message has the reasons.
        """
        check_first(self, self.members, self.store, train)
        unfitted, callbacks = self._unfitted(), as_callbacks(callbacks)
        train, validation, labels = as_sources(train, validation)
        begun = monotonic()
        with wanted(progress) as show:
            data = with_validation(train, validation, seed=self.seed, unique=self.drop_duplicates)
            with occupied(self.store), seeded(self.seed), without_tensorflow_warnings():
                parts = data, labels, unfitted, callbacks, show
                for choice, state in fit_states(self, self.members, self.store, *parts, begun=begun):
                    self._choice, self._state, self._made_with = choice, state, self._options(choice)
                    self._keep()
                    if on_kept:
                        on_kept(self)
        return self

    def plan(
        self,
        train: Source,
        validation: Source | Labels | None = None,
        *,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        measure: bool | None = True,
    ) -> Forecast:
        """Forecast what :meth:`fit` with the same arguments would take; nothing is trained, and nothing is kept.

        Print the forecast to see members, epochs, images/s, minutes, the hour of the end, memory and disk. It says
        what the run takes at most: early stopping may end it before.

        Args:
            train: as of :meth:`fit`.
            validation: likewise.
            callbacks: likewise.
            measure: how fast each network trains on this machine, by some steps of it, which takes some seconds and
                its compilation. False guesses; None measures where the run is so long that this is a few percent of it.

        Raises:
            ValueError: data or members that do not fit.
        """
        check_first(self, self.members, self.store, train)
        unfitted, callbacks = self._unfitted(), as_callbacks(callbacks)
        train, validation, _ = as_sources(train, validation)
        begun = monotonic()
        data = with_validation(train, validation, seed=self.seed, unique=self.drop_duplicates)
        parts = data, unfitted, callbacks
        return planned(self, self.members, self.store, *parts, measure=measure, spent=monotonic() - begun)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what :meth:`save` wrote; networks are read when they are first used.

        Its members and its method are those that the fit was given, so that :meth:`fit` repeats it.

        Raises:
            FileNotFoundError: no ensemble there.
            ValueError: files of another format, changed or cut.
        """
        state, options = persistence.load(Path(path).expanduser().resolve())
        ensemble = cls(to_enter(state.entered, state.members), store=state.store.root, **options)
        ensemble._state, ensemble._made_with = state, options
        return ensemble

    def save(self, path: str | Path | None = None) -> Path:
        """Write the ensemble with its members to a folder that can be moved; :meth:`load` reads it.

        Args:
            path: the folder; by default the store, where members lie already. A fit with a store ends with that.

        Raises:
            TypeError: its rule learned what cannot be written, such as a forest; nothing is written.
            ValueError: neither a path nor a store.
        """
        folder = path or self.store
        if folder is None:
            raise ValueError("Expected a path, as this ensemble has no store; received none. Call save(path).")
        made_with = self._made_with or self._options(self.choice_)
        options = {**made_with, "method": self.method_, "uncertainty": self.uncertainty}
        return persistence.save(self.state_, options, Path(folder).expanduser().resolve())

    def _options(self, choice: Choice | None) -> dict[str, Any]:
        """The options of a fit, with what a preset chose; they stay those of the fit when options are changed later."""
        fitted = choice.over(self) if choice else self
        return {name: getattr(fitted, name) for name in options_of(EnsembleOptions)}

    def _keep(self) -> None:
        """Write the ensemble into its store; what cannot be written there is a warning, as the fit itself succeeded."""
        if self.store is None:
            return
        try:
            self.save(self.state_.store.root)
        except (OSError, TypeError) as error:
            logger.warning("the ensemble is not kept in %s: %s", self.store, error)

    @property
    def chosen_toml_(self) -> str:
        """The same as the TOML that gives the same run without a preset; "" without one."""
        from zoo.planning.as_toml import as_toml

        return as_toml(self.choice_, self) if self.choice_ else ""
