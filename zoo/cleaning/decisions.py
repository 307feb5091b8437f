"""What the user decided about the findings, read from the report's CSV and carried out on the splits."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from zoo.cleaning.findings import DROP
from zoo.cleaning.table import read_table
from zoo.data.images import Images, Splits
from zoo.utils.text import nfc

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """One image of one split: by where it came from, so that one of two copies can go, and by its pixels, so that
    nothing goes that was not looked at.

    Attributes:
        split: ``train``, ``validation`` or ``test``.
        origin: where the image came from.
        digest: a hash of its pixels, in hexadecimal.
    """

    split: str
    origin: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What is to become of some images.

    Attributes:
        goes: for every image that is named, whether it is left out.
        labels: the classes that the file gives for them, to find labels that were edited; may be empty.
        source: the file, for messages.
    """

    goes: dict[Place, bool]
    labels: frozenset[tuple[Place, str]] = frozenset()
    source: str = "the decisions"


def read_decisions(path: str | Path) -> Decisions:
    """Read a report's CSV, as the user left it. An image is dropped if any of its rows has ``drop``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: no CSV of text, missing columns, or a decision other than ``drop`` and ``keep``.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Expected a CSV of decisions; there is nothing at {path}. `zoo clean` writes one.")
    goes: dict[Place, bool] = {}
    labels = set()
    for row in read_table(path):
        place = Place(row["split"], row["origin"], row["digest"])
        goes[place] = row["decision"] == DROP or goes.get(place, False)
        if row.get("label"):
            labels.add((place, row["label"]))
    return Decisions(goes=goes, labels=frozenset(labels), source=str(path))


def apply(splits: Splits, decisions: Decisions) -> Splits:
    """Leave out what the user decided to drop; what the decisions do not name stays.

    A validation or test split of which nothing is left is None in the result.

    Raises:
        ValueError: decisions of which none is about an image of the splits; labels that are not those of the splits;
            or a class of which nothing is left to train on.
    """
    places = {name: _places(name, images) for name, images in splits.items()}
    decisions = _renamed(decisions, [place for found in places.values() for place in found])
    _check_found(decisions, {place for found in places.values() for place in found})
    _check_labels(decisions, splits, places)
    kept = {name: np.array([not decisions.goes.get(place, False) for place in found]) for name, found in places.items()}
    left_out = ", ".join(f"{(~mask).sum()} {name}" for name, mask in kept.items())
    logger.info("decisions: left out %s images", left_out)
    clean = {name: images.subset(kept[name]) for name, images in splits.items()}
    _check_emptied(decisions, splits.train, clean["train"])
    return Splits(**{name: images for name, images in clean.items() if len(images)})


def _renamed(decisions: Decisions, places: Sequence[Place]) -> Decisions:
    """Find images under other names by their pixels, where these are one image's: spreadsheets make 12 of 00012."""
    every = Counter((place.split, place.digest) for place in places)
    exact = set(places)
    free = [place for place in places if every[place.split, place.digest] == 1 and place not in decisions.goes]
    known = {(place.split, place.digest): place for place in free}
    names = {place: known.get((place.split, place.digest), place) for place in decisions.goes if place not in exact}
    found = sum(place != other for place, other in names.items())
    if not found:
        return decisions
    logger.warning("decisions: %d images are found by their pixels, as the file has other names for them", found)
    goes: dict[Place, bool] = {}
    for place, is_dropped in decisions.goes.items():
        own = names.get(place, place)
        goes[own] = is_dropped or goes.get(own, False)
    return replace(decisions, goes=goes, labels=frozenset((names.get(p, p), label) for p, label in decisions.labels))


def _places(split: str, images: Images) -> list[Place]:
    return [Place(split, str(origin), key.hex()) for origin, key in zip(images.origins, images.digests, strict=True)]


def _check_found(decisions: Decisions, places: set[Place]) -> None:
    named, missing = len(decisions.goes), len(decisions.goes.keys() - places)
    if named and missing == named:
        raise ValueError(
            f"Expected decisions about these images; none of the {named} in {decisions.source} is among them. They are "
            "about other images, or the same at another size: give the data, --image-size and --skip-unreadable that "
            "`zoo clean` was given, or run it again. Spreadsheets take the zeros off names such as 00012: keep them."
        )
    if missing:
        logger.warning(
            "decisions: %d of %d images are not in the data and nothing is done about them; "
            "clean and fit the same data at the same image size",
            missing,
            named,
        )


def _check_labels(decisions: Decisions, splits: Splits, places: dict[str, list[Place]]) -> None:
    given = {
        place: images.classes[label]
        for name, images in splits.items()
        for place, label in zip(places[name], images.labels, strict=True)
    }
    known = frozenset(given.values())
    for place, label in sorted(decisions.labels, key=str):
        if place in given and not _same_name(given[place], label, known):
            raise ValueError(
                f"Expected the labels of the data in {decisions.source}; received {label!r} for {place.origin} of "
                f"{place.split}, which is {given[place]!r} there. Labels are not changed by this file: decide drop, "
                "or correct the label in the data and run `zoo clean` again, which carries your decisions over."
            )


def _same_name(name: str, read: str, known: Collection[str]) -> bool:
    """Whether a file's label is a class' name, also after a spreadsheet made ``1`` of ``01``."""
    if nfc(name.strip()) == nfc(read.strip()):
        return True
    if read in known:
        return False
    try:
        return float(name) == float(read)
    except ValueError:
        return False


def _check_emptied(decisions: Decisions, before: Images, after: Images) -> None:
    emptied = np.flatnonzero((before.counts > 0) & (after.counts == 0))
    if len(emptied):
        named = ", ".join(f"{before.classes[label]} ({before.counts[label]})" for label in emptied)
        raise ValueError(
            f"Expected some of every class to be left to train on; {decisions.source} drops all images of {named}. "
            "Set the decision of some to keep, or take the class out of the data."
        )
