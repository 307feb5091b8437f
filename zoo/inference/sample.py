"""A contest's sample submission: what its columns are, and which image each of its rows means."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.cells import as_texts
from zoo.data.class_names import WHOLE
from zoo.data.pictures.pixel_reading import PLAIN, PixelReading
from zoo.data.pictures.tally import Tally
from zoo.data.tables.columns import named_for
from zoo.data.tables.path_ends import PathEnds
from zoo.data.tables.table import Table, read_file
from zoo.data.unlabelled import Read, TableFiles, Unlabelled
from zoo.utils.hashing import short_hash
from zoo.utils.text import Size, listed

logger = logging.getLogger(__name__)

SHOWN = 3
NOT_THERE = -1  # the row of an image that is not listed
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

    def asks_as(self, path: Path) -> bool:
        """Say whether a file is a table of the same columns and ids, as an earlier answer to the sample is."""
        try:
            other = read_file(path)
        except (OSError, ValueError):
            return False
        return [*other.columns] == [*self.table.columns] and as_texts(other.columns[self.id]) == self.ids


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
        rows: ``(n,)`` which of them; :data:`NOT_THERE` for one that is not listed.
        ids: ``(n,)`` what they are asked for by.
    """

    source: Unlabelled
    rows: np.ndarray
    ids: Sequence[str]

    @property
    def column(self) -> str:
        """What the listing calls the names."""
        return self.source.column

    def __len__(self) -> int:
        return len(self.rows)

    def names(self, indices: np.ndarray) -> np.ndarray:
        """What the listing calls some of them."""
        rows = self.rows[indices]
        names = self.source.names(np.maximum(rows, 0)).astype(np.str_).tolist()
        absent = (self.ids[index] for index in indices.tolist())
        return np.array([name if row >= 0 else id for name, row, id in zip(names, rows, absent, strict=True)], np.str_)

    def identity(self) -> str:
        """A digest of the listing and the choice."""
        return short_hash([self.source.identity(), self.rows.tolist()])

    def reader(self, scratch: Path, reading: PixelReading = PLAIN, tally: Tally | None = None) -> Read:
        """What reads any of them."""
        read = self.source.reader(scratch, reading, tally)

        def picture(index: int, size: Size) -> np.ndarray:
            if self.rows[index] == NOT_THERE:
                raise FileNotFoundError("not there")
            return read(int(self.rows[index]), size)

        return picture


def in_order(sample: Sample, source: Unlabelled, *, skip_absent: bool = False) -> Chosen:
    """Find the image of each row of a sample; images without a row are logged, and not predicted.

    An id is an image's name, its path or the end of it, with or without suffix, perhaps with folders in front, the
    same of all; of a table with a column of the
    sample's name what is written there; of an array the row, counted from 0 or from 1.

    Args:
        sample: what asks for images.
        source: the images.
        skip_absent: list an image that is not there as one that cannot be read, if others are there.

    Raises:
        ValueError: ids without an image, or with several.
    """
    names = source.names(np.arange(len(source)))
    rows = (
        _numbered(sample, len(source))
        if source.column == "row"
        else _found(sample, source, names.tolist(), skip_absent)
    )
    left = sorted(set(range(len(source))) - set(rows))
    if left:
        logger.warning(
            "%d of %d images have no row in %s, and are not predicted, such as %s",
            len(left),
            len(source),
            sample.table.where,
            listed(names[left].tolist(), SHOWN),
        )
    return Chosen(source, np.array(rows, np.int64), sample.ids)


def _found(sample: Sample, source: Unlabelled, names: Sequence[str], skip_absent: bool) -> list[int]:
    """The row of each id, by the table's column of the sample's name or else by the files' names."""
    own = isinstance(source, TableFiles) and sample.id in source.cells
    texts = source.cells[sample.id] if isinstance(source, TableFiles) and own else names
    exact: dict[str, list[int]] = {}
    for row, text in enumerate(texts if own else ()):
        exact.setdefault(text, []).append(row)
    ends, wanted = PathEnds(texts), sample.ids
    found = {text: exact.get(text) or ends.find(text) for text in dict.fromkeys(wanted)}
    behind = ends.find_behind_folders((text for text, rows in found.items() if not rows), sample.table.where)
    found |= {text: [row] for text, row in behind.items()}
    if skip_absent and any(found.values()):
        found = {text: rows or [NOT_THERE] for text, rows in found.items()}
    _check_found(sample, found, ends)
    return [found[text][0] for text in wanted]


def _check_found(sample: Sample, found: Mapping[str, list[int]], ends: PathEnds) -> None:
    """Check that each id has one image.

    Raises:
        ValueError: one has none, or several.
    """
    absent = [text for text, rows in found.items() if not rows]
    if absent:
        numbers = any(map(str.isdecimal, absent))
        zeros = " Ids such as 00012 have to be texts: spreadsheets take their zeros off." if numbers else ""
        raise ValueError(
            f"Expected an image for every row of {sample.table.where}; {len(absent)} of {len(found)} ids have none: "
            f"{listed(absent, SHOWN)}.{ends.nearest(absent[0])} Add these images, name the folder or the table that "
            "has them, or let their rows keep the sample's cells: skip_unreadable=True (zoo: --skip-unreadable)."
            f"{zeros}"
        )
    several = [text for text, rows in found.items() if len(rows) > 1]
    if several:
        raise ValueError(
            f"Expected one image for every row of {sample.table.where}; {len(several)} have several: "
            f"{listed(several, SHOWN)}. Name the folder, or the table's rows, that have the right ones."
        )


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
        f"{len(texts)}, such as {listed(texts, SHOWN)}. Predict files, whose names the ids are."
    )


def is_whole(text: str) -> bool:
    """Say whether a cell is a whole number."""
    return bool(WHOLE.fullmatch(text))
