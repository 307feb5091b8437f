"""Columns that say by True and False which rows are for validation, test or training, such as fastai's is_valid."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from zoo.data.cells import as_texts
from zoo.data.split_words import TEST, TRAIN, VALIDATION
from zoo.data.tables.table import Table

logger = logging.getLogger(__name__)

FLAGS = {  # by their names in lower case, without blanks, hyphens and underscores
    **dict.fromkeys(("isvalid", "isval", "isvalidation", "isdev"), VALIDATION),
    **dict.fromkeys(("istest", "istesting"), TEST),
    **dict.fromkeys(("istrain", "istraining", "istrainingimage"), TRAIN),
}
WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), False),
}
REMEDY = "name a column, columns={'split': 'NAME'} (zoo: --columns split=NAME), or leave them out: --columns split=none"


def check_flags(flags: Mapping[str, str], split: str | None, where: str) -> None:
    """Check that one column says of each split what is for it.

    Args:
        flags: the splits that columns of True and False tell, by their names.
        split: the column of words; None without.
        where: what the table is.

    Raises:
        ValueError: there are columns of both kinds, or two for one split.
    """
    named = [*([] if split is None else [split]), *flags]
    if (split is not None and flags) or len(set(flags.values())) < len(flags):
        raise ValueError(
            f"Expected one way to tell the splits of {where}; received the columns {', '.join(map(repr, named))}. "
            f"Choose: {REMEDY}."
        )


def splits_by(table: Table, flags: Mapping[str, str]) -> list[str]:
    """The split of each row; rows of which all is False are for training, unless a column says what is.

    Args:
        table: the table.
        flags: the splits that columns tell, by their names.

    Raises:
        ValueError: other cells than True and False, or rows of no split or of several.
    """
    told = {name: _flags(table, name) for name in flags}
    rows = [[split for name, split in flags.items() if told[name][row]] for row in range(len(table))]
    rest = [] if TRAIN in flags.values() else [TRAIN]
    found = [splits or rest for splits in rows]
    wrong = [row for row, splits in enumerate(found) if len(splits) != 1]
    if wrong:
        count = " and ".join(found[wrong[0]]) or "none"
        raise ValueError(
            f"Expected every row of {table.where} to be of one split by {', '.join(map(repr, flags))}; {len(wrong)} "
            f"are not: {table.named(wrong)} ({table.lines[wrong[0]]} is of {count}). Write a column `split` with the "
            f"words train, validation and test; or {REMEDY}."
        )
    return _said([splits[0] for splits in found], table.where, flags)


def _flags(table: Table, name: str) -> list[bool]:
    found = [WORDS.get(text.casefold()) for text in as_texts(table.columns[name])]
    wrong = [row for row, flag in enumerate(found) if flag is None]
    if wrong:
        raise ValueError(
            f"Expected True or False in every row of {name!r} of {table.where}; {len(wrong)} have other cells: "
            f"{table.named(wrong)}. Write one of these, or {REMEDY}."
        )
    return [bool(flag) for flag in found]


def _said(splits: list[str], where: str, flags: Mapping[str, str]) -> list[str]:
    """Warn where most rows are held out: the column may say something else, such as which images are good."""
    if TRAIN in splits and splits.count(TRAIN) < len(splits) / 2:
        text = "%s: by %s only %d of %d rows are for training; if the column says something else: --columns split=none"
        logger.warning(text, where, ", ".join(map(repr, flags)), splits.count(TRAIN), len(splits))
    return splits
