"""What a check found about one image, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Decision: TypeAlias = Literal["drop", "keep"]

CHECKS = ("exact", "near", "leak", "outlier", "cast", "label")
DROP: Decision = "drop"
KEEP: Decision = "keep"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One image that a check has something to say about.

    Attributes:
        check: one of ``CHECKS``.
        split: ``train``, ``validation`` or ``test``.
        row: the image's place in its split.
        origin: where the image came from.
        label: its class.
        score: how much speaks for it, more being worse. ``exact``: how many copies there are. ``near``, ``leak``:
            cosine of both patterns, 1 for the same pixels. ``outlier``: how far its local outlier factor lies above
            the median, in steps from the median to the ninth decile. ``cast``: distance from the set's white, in
            robust standard deviations. ``label``: probability that the label is wrong, 0 to 1.
        decision: what is suggested, ``drop`` or ``keep`` (:mod:`zoo.data.clean.suggestions`).
        note: what else there is to say, in words; empty where the score says it all.
        group: copies of one picture have one number, in all checks; None where there are no copies.
        partner: the origin of the copy that it was compared with; empty where there is none.
        partner_split: that copy's split.
        partner_row: that copy's place in its split.
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
