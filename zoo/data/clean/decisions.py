"""What the user decided about the findings, read from the report's CSV and carried out on the splits."""

from __future__ import annotations

import csv
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.checks import check_every_class
from zoo.data.clean.finding import DROP, KEEP
from zoo.data.images import Images, Splits
from zoo.registry import suggestion

logger = logging.getLogger(__name__)

NEEDED = ("decision", "split", "origin", "digest")


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


def read_decisions(path: str | Path) -> dict[Place, bool]:
    """Read a report's CSV, as the user left it.

    Returns:
        For every image in it, whether it goes: that is, whether any of its rows says ``drop``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: no CSV of text, missing columns, or a decision other than ``drop`` and ``keep``.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"Expected a CSV of decisions; there is nothing at {path}. `zoo clean` writes one.")
    decided: dict[Place, bool] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets put a byte order mark first
            reader = csv.DictReader(file, strict=True)
            _check_columns(path, reader.fieldnames or ())
            for row in reader:
                place = Place(row["split"] or "", row["origin"] or "", row["digest"] or "")
                goes = _read_word(path, reader.line_num, row["decision"] or "") == DROP
                decided[place] = goes or decided.get(place, False)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f"Expected a CSV in UTF-8 at {path}; {error}. Save it as CSV, separated by commas.") from error
    return decided


def apply(splits: Splits, decisions: dict[Place, bool]) -> Splits:
    """Leave out what the user decided to drop; what the decisions do not name stays.

    A validation or test split of which nothing is left is None in the result.

    Raises:
        ValueError: a class of which nothing is left to train on.
    """
    places = {name: _places(name, images) for name, images in splits.items()}
    kept = {name: np.array([not decisions.get(place, False) for place in found]) for name, found in places.items()}
    missing = len(decisions.keys() - {place for found in places.values() for place in found})
    left_out = ", ".join(f"{(~mask).sum()} {name}" for name, mask in kept.items())
    logger.info("decisions: left out %s images", left_out)
    if missing:
        logger.warning(
            "decisions: %d of %d images are not in the data; clean and fit the same data at the same image size",
            missing,
            len(decisions),
        )
    clean = {name: images.subset(kept[name]) for name, images in splits.items()}
    check_every_class(clean["train"])
    return Splits(**{name: images for name, images in clean.items() if len(images)})


def _places(split: str, images: Images) -> list[Place]:
    return [Place(split, str(origin), key.hex()) for origin, key in zip(images.origins, images.digests, strict=True)]


def _check_columns(path: Path, columns: object) -> None:
    present = list(columns) if isinstance(columns, (list, tuple)) else []
    missing = [name for name in NEEDED if name not in present]
    if missing:
        raise ValueError(
            f"Expected the columns {', '.join(NEEDED)} in {path}; {', '.join(missing)} missing. "
            "Keep the columns that `zoo clean` wrote, and save with commas between them."
        )


def _read_word(path: Path, line: int, word: str) -> str:
    read = word.strip().lower()
    if read not in (DROP, KEEP):
        hint = suggestion(read, (DROP, KEEP))
        raise ValueError(f"Expected the decision drop or keep in {path}, line {line}; received {word!r}. {hint}")
    return read
