"""The state of a fitted ensemble: one value, below all that scores, explains, exports or stores it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial

import numpy as np

import ensembles
from ensembles.input_warnings import without_warnings
from zoo.data.checks import as_pixels
from zoo.data.images import Images, Splits
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.targets import Targets
from zoo.members.entered import Entered
from zoo.members.member import Member
from zoo.members.store import Store
from zoo.members.test_time_views import Gain
from zoo.report.leaderboard import Leaderboard
from zoo.state.held_out_predictions import HeldOutPredictions
from zoo.state.kept_fits import fits_kept_in
from zoo.state.out_of_distribution import OutOfDistribution
from zoo.state.provenance import Provenance
from zoo.utils.text import Size


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class EnsembleState:
    """What a fit learned. :class:`zoo.Ensemble` makes it by fitting or loading; nothing changes it afterwards.

    Attributes:
        members: those that can predict.
        keys: of the members in the store, in their order.
        failures: by name of a member or a rule, the reason why there is none.
        rules: the fitted rules by name.
        method: the name of the rule that predicts.
        uncertainty: the name of the uncertainty score.
        held_out: what the rules were fitted on.
        targets: the classes, by name and as the user labelled them.
        image_size: ``(height, width)`` in pixels.
        reading: how pixels of other kinds are read.
        provenance: which images members and rules have seen.
        distribution: of the training images' features, for ``uncertainty="distance"``; None without it.
        gains: by member, what test-time views changed.
        doubts: by member, what is suspicious of how it is taken; it votes all the same.
        leaderboard: scores on the held-out images.
        store: where the members lie.
        seed: of the fit.
        entered: what was given to be fitted, as JSON values; empty for runs of earlier versions.
        images: what was fitted on; None after a load.
        cross_fitted: predictions for the held-out images by copies of a rule that were fitted on others of them, by
            the rule's name; filled when they are first used.
    """

    members: Sequence[Member]
    keys: Sequence[str]
    failures: Mapping[str, str]
    rules: Mapping[str, ensembles.Rule]
    method: str
    uncertainty: str
    held_out: HeldOutPredictions
    targets: Targets
    image_size: Size
    reading: PixelReading = PLAIN
    provenance: Provenance
    distribution: OutOfDistribution | None
    gains: Mapping[str, Gain]
    leaderboard: Leaderboard
    store: Store
    seed: int
    entered: Sequence[Entered] = ()
    images: Splits | None = None
    doubts: Mapping[str, str] = field(default_factory=dict)
    cross_fitted: dict[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        names = ", ".join(member.name for member in self.members)
        return f"<EnsembleState of {names}; {self.method} answers, {len(self.class_names)} classes>"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' names, in the order of the class ids."""
        return self.targets.names

    @property
    def given_method(self) -> str | ensembles.Rule:
        """The method as a fit takes it: its name, or the unfitted rule where it has options of its own."""
        rule = self.rules.get(self.method)
        given = rule.rule if isinstance(rule, ensembles.Calibrated) else rule
        if given is None or _options(given) == _options(ensembles.make_rule(self.method)):
            return self.method
        return replace(given)  # type: ignore[type-var]

    def own_images(self) -> Splits:
        """What was fitted on.

        Raises:
            ValueError: an ensemble that was loaded has no images of its own.
        """
        if self.images is None:
            raise ValueError("Expected images; received none, and an ensemble that was loaded has none. Pass some.")
        return self.images

    def rule(self, method: str | None = None) -> ensembles.Rule:
        """Return a fitted rule, by default the one that predicts.

        Raises:
            ValueError: an unknown method, or one whose fit failed.
        """
        name = method or self.method
        ensembles.make_rule(name)
        if name not in self.rules:
            failed = self.failures.get(name)
            why = "could not be kept with the others" if failed is None else f"failed: {failed.rstrip('.')}"
            raise ValueError(f"Expected a fitted rule; received {name!r}, which {why}. Choose another, or fit again.")
        return self.rules[name]

    def member_logits(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict ``(members, N, classes)`` float32 for images ``(N, H, W, 3)`` uint8, or of another kind.

        Raises:
            ValueError: images of another size than in training.
        """
        pictures = self.as_read(images)
        return np.stack([member.logits(pictures) for member in self.members])

    def as_read(self, images: Images | np.ndarray) -> Images | np.ndarray:
        """Make an array of any kind RGB bytes, as the images of the fit were made; what was loaded is so already."""
        return images if isinstance(images, Images) else as_pixels(images, self.reading)

    def logits(self, images: Images | np.ndarray) -> np.ndarray:
        """Predict with the rule: logits ``(N, classes)`` float32; raises as :meth:`member_logits`."""
        return self.rule().combine(self.member_logits(images))

    def stored_logits(self, images: Images) -> np.ndarray:
        """Predict ``(members, N, classes)``, or read the predictions from the store.

        For the held-out images these are the predictions that the rules were fitted on: of networks that were trained
        without them.
        """
        if self.held_out.covers(images):
            return self.held_out.of(images)
        pairs = zip(self.keys, self.members, strict=True)
        return np.stack([self.store.logits(key, images, member) for key, member in pairs])

    def cross_fitted_logits(self, method: str | None = None) -> np.ndarray:
        """Predict the held-out images ``(N, classes)``, each by a copy of a rule that was fitted on others of them.

        The only image of a class is combined by a copy that never saw its class. A rule that cannot be fitted without a
        class, such as ``stacked``, has this image in every copy's fit.
        """
        rule = self.rule(method)
        name = method or self.method
        if name not in self.cross_fitted:
            held_out = self.held_out
            predict = partial(
                ensembles.out_of_fold, rule, held_out.logits, held_out.labels, groups=held_out.fold_groups
            )
            with without_warnings(), fits_kept_in(self.store):
                try:
                    self.cross_fitted[name] = predict(singles=True)
                except ValueError:
                    self.cross_fitted[name] = predict(singles="train")
        return self.cross_fitted[name]

    def groups_of(self, images: Images) -> np.ndarray | None:
        """The groups of images to score ``(N,)``: their own, or those of the fit where they are the held-out images."""
        if images.groups is None and self.held_out.groups is not None and self.held_out.covers(images):
            known: np.ndarray = self.held_out.groups[self.held_out.rows_of(images)]
            return known
        return images.groups

    def describe(self, images: Images, split: str) -> str:
        """Say of images to score how many there are, and which of them members and rules have seen."""
        if self.held_out.covers(images):
            return self.held_out.describe(len(images))
        return self.provenance.describe(images, split)


def _options(rule: ensembles.Rule) -> str:
    """A rule's options as text; those that were read have lists for tuples."""
    named = {own.name: getattr(rule, own.name) for own in fields(rule) if own.init}  # type: ignore[arg-type]
    return json.dumps(named, default=repr)
