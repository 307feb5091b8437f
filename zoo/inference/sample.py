"""A contest's sample submission: what its columns are, and which image each of its rows means."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np

from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.pictures.tally import Tally
from zoo.data.tables.cells import WHOLE, as_texts
from zoo.data.tables.columns import named_for
from zoo.data.tables.table import Table, read_file
from zoo.data.unlabelled import Read, TableFiles, Unlabelled
from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)

SHOWN = 3
TEXT = (".csv", ".tsv")


@dataclass(frozen=True, eq=False)
class Sample:
    """A sample submission.

    Attributes:
        table: its cells, as texts.
        id: the column of the images' ids.
    """

    table: Table
    id: str

    @property
    def ids(self) -> list[str]:
        """The ids, row by row."""
        return as_texts(self.table.columns[self.id])

    @property
    def others(self) -> tuple[str, ...]:
        """The other columns, in their order."""
        return tuple(name for name in self.table.columns if name != self.id)


def read_sample(path: str | Path) -> Sample:
    """Read a sample submission; its ids are in the column of such a name, or in the first one.

    Raises:
        FileNotFoundError: there is none.
        TypeError: something else than a path.
        ValueError: no ``.csv`` or ``.tsv``, a table that cannot be read, or one of one column.
    """
    if not isinstance(path, str | Path):
        raise TypeError(f"Expected the path of a sample for like; received a {type(path).__name__}. Save it as CSV.")
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f"Expected a sample submission for like (zoo: --like); there is nothing at {path}.")
    if path.suffix.lower() not in TEXT:
        raise ValueError(f"Expected a .csv or .tsv for like (zoo: --like); received {path}. Save it as CSV.")
    table = read_file(path)
    names = list(table.columns)
    if len(names) < 2:
        raise ValueError(f"Expected a column of ids and others to fill in {path}; received {names}. Add one.")
    found = named_for(names, "image")
    sample = Sample(table, found[0] if len(found) == 1 else names[0])
    empty = [row for row, text in enumerate(sample.ids) if not text]
    if empty:
        raise ValueError(f"Expected an id in every row of {path}; none in {table.named(empty)}. Fill them in.")
    return sample


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some images of a listing, in an order of their own.

    Attributes:
        source: the listing.
        rows: ``(n,)`` which of them.
    """

    source: Unlabelled
    rows: np.ndarray

    @property
    def column(self) -> str:
        """What the listing calls the names."""
        return self.source.column

    def __len__(self) -> int:
        return len(self.rows)

    def names(self, indices: np.ndarray) -> np.ndarray:
        """What the listing calls some of them."""
        return self.source.names(self.rows[indices])

    def identity(self) -> str:
        """A digest of the listing and the choice."""
        return short_hash([self.source.identity(), self.rows.tolist()])

    def reader(self, scratch: Path, reading: PixelReading = PLAIN, tally: Tally | None = None) -> Read:
        """What reads any of them."""
        read = self.source.reader(scratch, reading, tally)
        return lambda index, size: read(int(self.rows[index]), size)


def in_order(sample: Sample, source: Unlabelled) -> Chosen:
    """Find the image of each row of a sample; images without a row are logged, and not predicted.

    An id is an image's name, its path or the end of it, with or without suffix; of a table with a column of the
    sample's name what is written there; of an array the row, counted from 0 or from 1.

    Raises:
        ValueError: ids without an image, or with several.
    """
    wanted, names = sample.ids, source.names(np.arange(len(source)))
    if source.column == "row":
        rows = _numbered(sample, len(source))
    elif isinstance(source, TableFiles) and sample.id in source.cells:
        rows = _found(sample, wanted, {text: [row] for row, text in enumerate(source.cells[sample.id])})
    else:
        rows = _found(sample, wanted, _by_name(names.tolist()))
    left = sorted(set(range(len(source))) - set(rows))
    if left:
        logger.warning(
            "%d of %d images have no row in %s, and are not predicted, such as %s",
            len(left),
            len(source),
            sample.table.where,
            _listed(names[left].tolist()),
        )
    return Chosen(source, np.array(rows, np.int64))


def _by_name(names: Sequence[str]) -> dict[str, list[int]]:
    """The rows of each path, of each end of it, and of these without suffix."""
    found: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        parts = PurePath(name).parts
        ends = ["/".join(parts[start:]) for start in range(len(parts))]
        for end in dict.fromkeys([*ends, *(end[: -len(PurePath(end).suffix)] for end in ends if PurePath(end).suffix)]):
            found[end].append(row)
    return found


def _found(sample: Sample, wanted: Sequence[str], known: dict[str, list[int]]) -> list[int]:
    found = [known.get(text, []) for text in wanted]
    absent = [text for text, rows in zip(wanted, found, strict=True) if not rows]
    if absent:
        raise ValueError(
            f"Expected an image for every row of {sample.table.where}; {len(absent)} of {len(wanted)} have none: "
            f"{_listed(absent)}. Add these images, or name the folder or the table that has them. Ids such as 00012 "
            "have to be texts: spreadsheets take their zeros off."
        )
    several = [text for text, rows in zip(wanted, found, strict=True) if len(rows) > 1]
    if several:
        raise ValueError(
            f"Expected one image for every row of {sample.table.where}; {len(several)} have several: "
            f"{_listed(several)}. Name the folder that has the right ones."
        )
    return [row for (row,) in found]


def _numbered(sample: Sample, count: int) -> list[int]:
    """Rows of an array, by ids that count them."""
    texts = sample.ids
    numbers = [int(text) for text in texts if text.isdecimal()]
    for first in (0, 1):
        if sorted(numbers) == list(range(first, first + count)) and len(numbers) == len(texts):
            logger.info("%s: the ids count the rows of the array from %d", sample.table.where, first)
            return [number - first for number in numbers]
    raise ValueError(
        f"Expected ids in {sample.table.where} that count the {count} rows of the array, from 0 or from 1; received "
        f"{len(texts)}, such as {_listed(texts)}. Predict files, whose names the ids are."
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def is_whole(text: str) -> bool:
    """Say whether a cell is a whole number."""
    return bool(WHOLE.fullmatch(text))
