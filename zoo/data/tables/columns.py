"""Which column of a table has what: found by its name, or as the user says."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zoo.data.cells import as_texts
from zoo.data.source import ChosenColumns
from zoo.data.split_words import split_of
from zoo.data.tables.one_hot import one_hot_columns, why_not_one_hot
from zoo.data.tables.split_flags import FLAGS, check_flags
from zoo.data.tables.table import Table
from zoo.utils.text import suggestion

logger = logging.getLogger(__name__)

INDEX = {"", "unnamed:0"}  # what pandas calls the column of row numbers that it writes
ROLES = ("image", "label", "split", "group")
NONE = "none"
FOLDS = {"fold", "folds", "kfold", "foldid", "cvfold"}
REMEDY = "columns={{'{0}': 'NAME'}} (zoo: --columns {0}=NAME)"

# The surest names first; in lower case and without blanks, hyphens and underscores.
NAMES: Mapping[str, Sequence[frozenset[str]]] = {
    "image": (
        frozenset(f"{what}{end}" for what in ("image", "img") for end in ("", "s", "id", "ids", "name", "path", "file"))
        | {"imagepaths", "imagefilename", "file", "files", "filename", "filenames", "filepath", "filepaths"}
        | {"filelocation", "path", "paths", "fname"},
        frozenset({"picture", "pictures", "photo", "photoid", "photograph"}),
        frozenset({"id", "ids", "idcode", "name", "uid", "uuid"}),
    ),
    "label": (
        frozenset({"label", "labels", "class", "classes", "classname", "target", "targets", "category"})
        | {"diagnosis", "dx"},
        frozenset(f"{what}id" for what in ("class", "label", "target", "category"))
        | {"categoryname", "labelname", "y", "species", "breed", "celltype"},
    ),
    "split": (
        frozenset({"split", "splits", "subset"}),
        frozenset({"dataset", "set", "phase", "partition", "usage"}),
    ),
    "group": (
        frozenset({"group", "groups", "groupid"}),
        frozenset(
            f"{what}{end}" for what in ("patient", "subject", "slide", "lesion", "video", "well") for end in ("", "id")
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of a table that are read.

    Attributes:
        image: of the files' names.
        label: of the labels; several where each is a class and has 1 in its rows; none without labels.
        split: of the words train, validation and test; None without.
        flags: the splits that columns of True and False tell, by the columns' names.
        group: of what each image shows; None without.
    """

    image: str
    label: tuple[str, ...] = ()
    split: str | None = None
    flags: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None

    @property
    def used(self) -> frozenset[str]:
        """The names of all of them."""
        return frozenset({self.image, *self.label, *self.flags, *filter(None, (self.split, self.group))})


def parse_columns(given: ChosenColumns | None) -> dict[str, tuple[str, ...]]:
    """Read the user's choice: by role the names of its columns, or none.

    Args:
        given: columns by role, or the text ``image=NAME,label=NAME``; a name with a comma in double quotes. A label
            may have several columns, each of which is a class: ``label=cat,label=dog``. ``none`` is no column.

    Raises:
        ValueError: an unknown role, or a text of another form.
    """
    if given is None:
        return {}
    pairs = _pairs(given) if isinstance(given, str) else [(role, name) for role, name in given.items()]
    found: dict[str, tuple[str, ...]] = {}
    for role, name in pairs:
        if role not in ROLES:
            raise ValueError(f"Expected columns of {', '.join(ROLES)}; received {role!r}. {suggestion(role, ROLES)}")
        names = (name,) if isinstance(name, str) else tuple(name or ())
        found[role] = found.get(role, ()) + (() if names == (NONE,) else names)
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    entries = next(csv.reader([text], skipinitialspace=True), [])
    wrong = [entry for entry in entries if "=" not in entry]
    if wrong or not entries:
        raise ValueError(f"Expected columns as image=NAME,label=NAME; received {text!r}. Write each as ROLE=NAME.")
    return [(role.strip(), name.strip()) for role, _, name in (entry.partition("=") for entry in entries)]


def find_columns(table: Table, given: ChosenColumns | None = None, *, labelled: bool = True) -> Columns:
    """Find the columns of a table.

    Args:
        table: the table.
        given: the user's choice; see :func:`parse_columns`.
        labelled: there have to be labels; False for images to predict.

    Raises:
        ValueError: a column that is not there, none by a known name, or several.
    """
    chosen = parse_columns(given)
    _check_there(table, chosen)
    image = _one(table, "image", chosen)
    label = (_labels(table, chosen, image) or ()) if labelled else ()
    if image is None or (labelled and not label):
        why = "" if image is None else why_not_one_hot(table, _others(table, image))
        raise ValueError(_not_found(table, "image" if image is None else "label") + why)
    if not labelled:
        return Columns(image=image)
    split, flags = _splits(table, chosen)
    columns = Columns(image=image, label=label, split=split, flags=flags, group=_group(table, chosen))
    logger.info(
        "%s: images %r, labels %s%s%s",
        table.where,
        image,
        ", ".join(map(repr, label)),
        f", splits {', '.join(map(repr, told))}" if (told := [split] if split else [*flags]) else "",
        f", groups {columns.group!r}" if columns.group else "",
    )
    _say_folds(table, columns)
    return columns


def _say_folds(table: Table, columns: Columns) -> None:
    """Say that a column of folds is not read."""
    for name in (name for name in table.columns if plain(name) in FOLDS and name not in columns.used):
        logger.warning(
            "%s: the column %r is not used: folds are drawn (folds=, zoo: --folds); a column `split` names rows to "
            "validate with",
            table.where,
            name,
        )


def named_for(names: Sequence[str], role: str) -> list[str]:
    """The names that are those of a role, of the surest kind that there are any of."""
    by_rank = ([name for name in names if plain(name) in known] for known in NAMES[role])
    return next(filter(None, by_rank), [])


def _one(table: Table, role: str, chosen: Mapping[str, tuple[str, ...]]) -> str | None:
    """The column of a role; None where no name is one."""
    found = list(chosen[role]) if role in chosen else named_for(list(table.columns), role)
    if len(found) > 1:
        raise ValueError(
            f"Expected one column for {role} in {table.where}; received {', '.join(map(repr, found))}. "
            f"Choose one: {REMEDY.format(role)}."
        )
    return found[0] if found else None


def _labels(table: Table, chosen: Mapping[str, tuple[str, ...]], image: str | None) -> tuple[str, ...]:
    if "label" in chosen:
        return chosen["label"]
    found = _one(table, "label", chosen)
    return (found,) if found is not None else one_hot_columns(table, _others(table, image))


def _others(table: Table, image: str | None) -> tuple[str, ...]:
    """The columns that may be classes."""
    known = frozenset().union(*NAMES["split"], *NAMES["group"], INDEX, FOLDS, FLAGS)
    return tuple(name for name in table.columns if name != image and plain(name) not in known)


def _splits(table: Table, chosen: Mapping[str, tuple[str, ...]]) -> tuple[str | None, dict[str, str]]:
    """The column of splits, or else those of True and False with the split that each tells."""
    names = chosen.get("split", tuple(table.columns))
    flags = {name: FLAGS[plain(name)] for name in names if plain(name) in FLAGS and not _of_words(table, name)}
    split = None if "split" in chosen and len(flags) == len(names) else _split(table, chosen)
    check_flags(flags, split, table.where)
    return split, flags


def _of_words(table: Table, name: str) -> bool:
    """Whether all cells of a column are words of splits."""
    return len(table) > 0 and all(split_of(word) for word in as_texts(table.columns[name]))


def _split(table: Table, chosen: Mapping[str, tuple[str, ...]]) -> str | None:
    """The column of splits; one by a less sure name only if its words are those of splits."""
    found = _one(table, "split", chosen)
    sure = "split" in chosen or found is None or plain(found) in NAMES["split"][0]
    if sure or _of_words(table, str(found)):
        return found
    return None


def _group(table: Table, chosen: Mapping[str, tuple[str, ...]]) -> str | None:
    """The column of groups; of several by less sure names none, with a warning."""
    found = named_for(list(table.columns), "group")
    if "group" in chosen or len(found) < 2:
        return _one(table, "group", chosen)
    logger.warning(
        "%s: %s could each be groups, and none is taken; choose one: %s",
        table.where,
        ", ".join(map(repr, found)),
        REMEDY.format("group"),
    )
    return None


def plain(name: str) -> str:
    """The name of a column without what people write differently: case, blanks, hyphens, underscores, dots."""
    return re.sub(r"[\s_\-.]", "", name).casefold()


def _check_there(table: Table, chosen: Mapping[str, tuple[str, ...]]) -> None:
    for name in (name for names in chosen.values() for name in names):
        if name not in table.columns:
            raise ValueError(
                f"Expected a column {name!r} in {table.where}; received {', '.join(map(repr, table.columns))}. "
                f"{suggestion(name, table.columns, listed=True) or 'Choose one of these.'}"
            )


def _not_found(table: Table, role: str) -> str:
    what = "the names of files" if role == "image" else "labels, or one column a class with a single 1 in each row"
    return (
        f"Expected a column of {what} in {table.where}, by a name such as {role!r}; received "
        f"{', '.join(map(repr, table.columns))}. Name it: {REMEDY.format(role)}; if the first line is no line of "
        "names, add one."
    )
