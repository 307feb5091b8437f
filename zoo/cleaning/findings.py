"""What a check found about one image, as a value; and from where on something is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["drop", "keep"]

CHECKS = ("exact", "near", "leak", "group", "outlier", "cast", "label")
DROP: Decision = "drop"
KEEP: Decision = "keep"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One image that a check reports.

    Attributes:
        check: one of ``CHECKS``.
        split: ``train``, ``validation`` or ``test``.
        row: the image's index in its split.
        origin: where the image came from.
        label: its class.
        score: how much speaks for it, more being worse. ``exact``: how many copies there are. ``near``, ``leak``:
            cosine of both patterns, 1 for the same pixels. ``group``: how many images the group has. ``outlier``: how
            far its local outlier factor lies above the median, in steps from the median to the ninth decile.
            ``cast``: distance from the set's white, in robust standard deviations. ``label``: probability that the
            label is wrong, 0 to 1.
        decision: what is suggested, ``drop`` or ``keep`` (:mod:`zoo.cleaning.checks`).
        note: further remarks; empty where the score is enough.
        group: copies of one picture have one number, in all checks; so have images of one group in the check
            ``group``; None for others.
        partner: the origin of the copy that it was compared with, or of the group's first image in another split; empty
            where there is none.
        partner_split: that copy's split.
        partner_row: that copy's index in its split.
        digest: a hash of the pixels (:func:`zoo.data.images.digest`), in hexadecimal.
    """

    check: str
    split: str
    row: int
    origin: str
    label: str
    score: float
    decision: Decision
    note: str
    group: int | None
    partner: str
    partner_split: str
    partner_row: int | None
    digest: str


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Chosen on 13,671 photographs of blood cells for few false alarms; ``docs/cleaning.md`` has what they find there.

    Attributes:
        similarity: of near copies, the least cosine of their patterns (:mod:`zoo.cleaning.perceptual_hashes`), up to 1.
        correlation: of near copies, the least correlation of their grey levels as well, up to 1.
        colour: of near copies, the least likeness of their colours as well (:mod:`zoo.cleaning.likeness`), up to 1.
        outlier: the least score of an outlier: its local outlier factor's distance above the median, in steps from the
            median to the ninth decile.
        cast: the least distance of a colour cast from the set's own white, in robust standard deviations.
        confidence: of suspicious labels, the most probability that a classifier may give to the label.

    Raises:
        ValueError: a cosine, correlation, likeness or probability outside 0 to 1, or a distance that is not positive.
    """

    similarity: float = 0.9
    correlation: float = 0.9
    colour: float = 0.85
    outlier: float = 3.5
    cast: float = 8.0
    confidence: float = 0.1

    def __post_init__(self) -> None:
        for name in ("similarity", "correlation", "colour", "confidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"Expected {name} from 0 to 1; received {getattr(self, name)!r}.")
        for name in ("outlier", "cast"):
            if not getattr(self, name) > 0:
                raise ValueError(f"Expected {name} above 0; received {getattr(self, name)!r}.")
