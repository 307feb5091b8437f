"""The verdict: three sentences on how good an ensemble is, for what, and what to be careful of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zoo.utils.text import count_of

GRADES = ((0.95, "very well"), (0.85, "well"), (0.65, "moderately well"), (0.0, "poorly"))  # by the lower end
FAILS, WEAK = 0.5, 0.7  # recalls below which a class is not told, or badly
FEW = 100  # images, or groups, below which a score is hardly known
FEW_OF_CLASS = 10
CHOSEN_HERE = "of these same images, on which that share was chosen; of others more may be wrong"
FALLS = 0.05  # of balanced accuracy under shift


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a verdict rests on.

    Attributes:
        score: balanced accuracy, 0 to 1.
        low: the lower end of its 95 % interval.
        high: the upper end.
        rows: images that were scored.
        groups: of these, where they are known.
        classes: rows of the table of classes, each with ``name``, ``recall``, ``recall_high``, ``rows``, ``groups``
            where they are known, and ``taken_for``.
        seen: how many of the images members were trained on.
        seen_groups: how many of the others are of groups that members were trained on.
        clean: balanced accuracy of the images that were corrupted, as they are; None where shift was not measured.
        shifted: balanced accuracy under shift, likewise.
        worst_kind: of shift.
        worst: balanced accuracy under it.
        answered: share of images answered at the wanted share of errors.
        errors: that share.
        chosen_here: what counts as sure was chosen on these same images.
        notes: other cautions.
    """

    score: float
    low: float
    high: float
    rows: int
    groups: int | None = None
    classes: Sequence[Mapping[str, Any]] = ()
    seen: int = 0
    seen_groups: int = 0
    clean: float | None = None
    shifted: float | None = None
    worst_kind: str = ""
    worst: float | None = None
    answered: float | None = None
    errors: float = 0.01
    chosen_here: bool = False
    notes: Sequence[str] = ()


def verdict(found: Evidence) -> tuple[str, str, str]:
    """Say how good, for what, and what to be careful of."""
    return _how_good(found), _for_what(found), _careful(found)


def _how_good(found: Evidence) -> str:
    what = count_of(found.rows, "image")
    what += f" of {count_of(found.groups, 'group')}" if found.groups is not None else ""
    known = _known(found)
    right = (
        f"{found.score:.1%} right on average (the true value lies between {found.low:.1%} and {found.high:.1%}, with "
        "95% confidence)."
    )
    if len(known) == 1:
        whole = f"On {what}, all of {known[0]['name']}, this ensemble gets {right}"
        return f"{whole} Whether it tells classes apart was not tested."
    grade = next(words for least, words in GRADES if found.low >= least)
    if _may_be_guessing(found):
        grade = "no better than guessing would, as far as can be told"
    return f"On {what} this ensemble tells {len(known)} classes apart {grade}: of each class it gets {right}"


def _known(found: Evidence) -> list[Mapping[str, Any]]:
    """The classes that have images here."""
    return [row for row in found.classes if row["recall"] is not None]


def _may_be_guessing(found: Evidence) -> bool:
    return found.low <= 1 / max(len(_known(found)), 2)


def _is_rare(row: Mapping[str, Any]) -> bool:
    return bool(_units(row) < FEW_OF_CLASS)


def _units(row: Mapping[str, Any]) -> int:
    """The groups of a class, where they are known, else its images."""
    count: int = row["rows"] if row.get("groups") is None else row["groups"]
    return count


def _for_what(found: Evidence) -> str:
    known = _known(found)
    failing = [row for row in known if row["recall_high"] < FAILS]
    enough = [row for row in known if not _is_rare(row)]
    if failing:
        named = _listed([f"{row['name']} ({_found(row)})" for row in failing])
        good = [row["name"] for row in enough if row["recall"] >= 0.9]
        rest = f" Its answers can be used for {_listed(good)}." if good and not _may_be_guessing(found) else ""
        return f"It fails to recognise {named}: more than half of such images are taken for something else.{rest}"
    if not known:
        return "No class has images here, so nothing is known of what it can be used for."
    if _may_be_guessing(found) or not enough:
        return "These images do not show that its answers can be used."
    weakest = min(enough, key=lambda row: row["recall"])
    if weakest["recall"] >= 0.9:
        every = "every class" if len(enough) == len(found.classes) else "every class that has enough images here"
        hardest = f"the hardest is {weakest['name']} ({_found(weakest)})"
        text = f"It can be used for {every}; {'all of their images are found' if weakest['recall'] == 1 else hardest}"
    else:
        text = "It can be used with care for" if weakest["recall"] >= WEAK else "It is weak on"
        text += f" {weakest['name']}, its weakest class ({_found(weakest)}"
        text += f"; others are taken for {weakest['taken_for']} most often)" if weakest["taken_for"] else ")"
    if found.answered is not None and found.answered < 1 and found.score < 1:
        text += (
            f"; if it leaves the least sure {_share(1 - found.answered)} of the images to a person, about "
            f"{_share(found.errors)} of its answers are wrong"
        )
        text += f" ({CHOSEN_HERE})" if found.chosen_here else ""
    return text + "."


def _share(part: float) -> str:
    return f"{part:.0%}" if part >= 0.01 or part == 0 else f"{part:.1%}"


def _found(row: Mapping[str, Any]) -> str:
    return f"{row['recall']:.0%} of its images are found"


def _careful(found: Evidence) -> str:
    """The most important caution first, and at most two."""
    cautions = [text for text in (_leak(found), _few(found), _shift(found), _rare(found), *found.notes) if text]
    if not cautions:
        cautions = [_unshifted(found)]
    told = cautions[:2]
    return "Be careful: " + "; and ".join(told) + "."


def _leak(found: Evidence) -> str:
    if found.seen:
        return (
            f"{found.seen:,} of the {found.rows:,} images were among those that members were trained on, so the score "
            "is too good"
        )
    if found.seen_groups:
        return (
            f"{found.seen_groups:,} of the {found.rows:,} images are of groups that members were trained on, so the "
            "score is too good for new ones"
        )
    return ""


def _few(found: Evidence) -> str:
    count, what = (found.rows, "images") if found.groups is None else (found.groups, "groups")
    return f"{count:,} {what} are few, and the true score may be anywhere in that range" if count < FEW else ""


def _rare(found: Evidence) -> str:
    rare = [f"{row['name']} ({_units(row)})" for row in found.classes if _is_rare(row)]
    what = "images" if found.groups is None else "groups"
    return f"there are hardly any {what} of {_listed(rare)}, so how well these are told is not known" if rare else ""


def _shift(found: Evidence) -> str:
    if found.shifted is None or found.clean is None or found.clean - found.shifted < FALLS:
        return ""
    worst = f", and to {found.worst:.1%} under {found.worst_kind.replace('_', ' ')}" if found.worst is not None else ""
    return (
        f"on images that are blurred, darker or otherwise changed the score falls from {found.clean:.1%} to "
        f"{found.shifted:.1%}{worst}"
    )


def _unshifted(found: Evidence) -> str:
    if found.shifted is not None:
        return (
            f"the score holds for images like these ({found.shifted:.1%} where they are blurred, darker or otherwise "
            "changed); those of another origin may differ in ways not tried here"
        )
    return (
        "the score holds for images like these; how it holds on images of another origin was not measured "
        "(zoo report --shift tries many kinds of change)"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)
