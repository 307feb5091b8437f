"""From where on something is reported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Chosen on 13,671 photographs of blood cells for few false alarms; ``docs/cleaning.md`` has what they find there.

    Attributes:
        similarity: of near copies, the least cosine of their patterns (:mod:`zoo.data.clean.patterns`), up to 1.
        correlation: of near copies, the least correlation of their grey levels as well, up to 1.
        colour: of near copies, the least likeness of their colours as well (:mod:`zoo.data.clean.likeness`), up to 1.
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
