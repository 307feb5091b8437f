"""Files with labels, splits and groups, whatever listed them, to decoded splits."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from zoo.data.checks import as_images
from zoo.data.class_codes import NO_CODES, ClassCodes
from zoo.data.images import Splits
from zoo.data.pictures.decode import decode
from zoo.data.pictures.depth_choice import with_depth
from zoo.data.source import Request
from zoo.data.split_words import WORDS, split_of
from zoo.data.splits import divided
from zoo.utils.text import listed, nfc

logger = logging.getLogger(__name__)

SHOWN = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledFiles:
    """What a list says of files, each entry ``(N,)``.

    Attributes:
        where: what the list is, for messages.
        paths: of the files; None for one that is not there.
        names: what the list calls them.
        labels: the names of their classes.
        splits: ``train``, ``validation`` or ``test``; None where the list has none.
        groups: what they show; empty for an image that is by itself; None where the list has none.
        codes: what the list calls the classes beside their names.
        remedy: what the user can do about files that are not there, beside leaving them out.
        nearby: asks whether a file that is there was meant by one that is not; the empty text where none is like it.
    """

    where: str
    paths: Sequence[Path | None]
    names: Sequence[str]
    labels: Sequence[str]
    splits: Sequence[str] | None = None
    groups: Sequence[str] | None = None
    codes: ClassCodes = NO_CODES
    remedy: str = "Name their folder: images_dir='DIR' (zoo: --images DIR)"
    nearby: str = ""

    def subset(self, rows: Sequence[int]) -> LabelledFiles:
        """Keep some entries."""

        def kept(values: Sequence[str] | None) -> list[str] | None:
            return None if values is None else [values[row] for row in rows]

        return replace(
            self,
            paths=[self.paths[row] for row in rows],
            names=[self.names[row] for row in rows],
            labels=[self.labels[row] for row in rows],
            splits=kept(self.splits),
            groups=kept(self.groups),
        )


def load_files(files: LabelledFiles, classes: Sequence[str], request: Request) -> Splits:
    """Decode files, all splits to one size, and check them.

    Args:
        files: what is listed, in the order of the rows.
        classes: names in the order of the class ids.
        request: how to load.

    Raises:
        UnreadableImagesError: files that cannot be read, or too many of them, those that are not there included.
        ValueError: files that are not there, one that comes twice under different labels, splits or groups, or no
            training images among splits.
    """
    files, absent = _there(files, request)
    files = _once(files)
    _check_train(files)
    paths = [path for path in files.paths if path is not None]
    reading = with_depth(request.reading, _trained_on(files)) if request.chooses else request.reading
    pixels, readable = decode(
        paths,
        request.folder,
        image_size=request.image_size,
        skip_unreadable=request.skip_unreadable,
        allow_unreadable=request.allow_unreadable,
        reading=reading,
        absent=absent,
    )
    files = files.subset(readable.tolist())
    images = as_images(
        pixels,
        np.array(files.labels),
        classes,
        origins=np.array(files.names, object),
        groups=None if files.groups is None else np.array([nfc(name) for name in files.groups], np.str_),
        whole=False,
        reading=reading,
        dark=True,
    )
    images = replace(images, codes=files.codes, folder=_folder_of(files))
    return Splits(images) if files.splits is None else divided(images, files.splits)


def _folder_of(files: LabelledFiles) -> Path | None:
    """The folder that all names are relative to; None where there is no such one."""
    named = [(str(path), name) for path, name in zip(files.paths, files.names, strict=True)]
    before = {path[: -len(name)] if path.endswith(name) else None for path, name in named}
    alike = before.pop() if len(before) == 1 else None
    return None if alike is None else Path(alike).absolute()


def _trained_on(files: LabelledFiles) -> list[Path]:
    splits = files.splits or ["train"] * len(files.paths)
    return [path for path, split in zip(files.paths, splits, strict=True) if path is not None and split == "train"]


def as_splits(words: Sequence[str], where: str) -> list[str]:
    """Read words as splits.

    Raises:
        ValueError: another word than those of splits, or none.
    """
    strange = sorted({word for word in words if split_of(word) is None})
    if strange:
        raise ValueError(
            f"Expected the splits {', '.join(WORDS)} in {where}; received also {listed(strange, SHOWN)}. "
            "Write one of these, or leave the column out: columns={'split': None} (zoo: --columns split=none)."
        )
    return [split_of(word) or "" for word in words]


def _there(files: LabelledFiles, request: Request) -> tuple[LabelledFiles, list[str]]:
    """Drop files that are missing and return their names, if that was asked for; otherwise raise."""
    absent = [row for row, path in enumerate(files.paths) if path is None]
    if not absent:
        return files, []
    skips = request.skip_unreadable or request.allow_unreadable is not None
    named = listed([repr(files.names[row]) for row in absent], SHOWN)
    said = f"{len(absent)} of {len(files.paths)} files of {files.where} are not there"
    if len(absent) == len(files.paths) or not skips:
        numbers = any(files.names[row].isdecimal() for row in absent)
        zeros = " Ids such as 0001 have to be texts (in pandas: dtype=str)." if numbers else ""
        raise ValueError(
            f"Expected the files that are named; {said}: {named}.{files.nearby} {files.remedy}, or skip them: "
            f"skip_unreadable=True (zoo: --skip-unreadable).{zeros}"
        )
    there = files.subset([row for row, path in enumerate(files.paths) if path is not None])
    return there, list(dict.fromkeys(files.names[row] for row in absent))


def _once(files: LabelledFiles) -> LabelledFiles:
    """Keep a file that comes several times once, in the first of its rows."""
    paths, first = _real(files.paths), dict[Path | None, int]()
    for row, path in enumerate(paths):
        first.setdefault(path, row)
    repeats = [row for row, path in enumerate(paths) if first[path] != row]
    for what, values in (("label", files.labels), ("split", files.splits), ("group", files.groups)):
        clash = [] if values is None else [row for row in repeats if values[row] != values[first[paths[row]]]]
        if clash:
            row = clash[0]
            both = [(values or ())[first[paths[row]]], (values or ())[row]]
            raise ValueError(
                f"Expected one {what} a file in {files.where}; {len(clash)} rows give another to a file that came "
                f"before, such as {files.names[row]!r}: {both[0]!r} and {both[1]!r}. Keep one row of each."
            )
    if repeats:
        logger.warning(
            "%s: %d rows repeat a file, such as %r; each is read once",
            files.where,
            len(repeats),
            files.names[repeats[0]],
        )
    return files.subset(sorted(first.values())) if repeats else files


def _real(paths: Sequence[Path | None]) -> list[Path | None]:
    """Paths with their folders resolved: links of folders and ``..`` give one file many names.

    Links of files stay what they are. Stores such as git-annex let all files of one content lead to one; those are
    copies, which are found by their pixels.
    """
    folder = cache(Path.resolve)  # there are few folders
    return [None if path is None else folder(path.parent) / path.name for path in paths]


def _check_train(files: LabelledFiles) -> None:
    if files.splits is not None and "train" not in files.splits:
        found = ", ".join(sorted(set(files.splits)))
        raise ValueError(
            f"Expected rows of the split train in {files.where}; received {found} alone. "
            "Add them, or leave the column out: columns={'split': None} (zoo: --columns split=none)."
        )
