"""Parts of a table, each of a fixed number of images and written whole or not at all, so that a killed run resumes."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.pictures.decode import UnreadableImagesError
from zoo.data.pictures.tally import Tally
from zoo.data.unlabelled import Unlabelled
from zoo.inference.tables import Columns, Write, columns_of
from zoo.report.tables import write_csv
from zoo.utils.array_files import stored_arrays
from zoo.utils.files import discard, read_json, replacing, sweep, write_json
from zoo.utils.hashing import short_hash

logger = logging.getLogger(__name__)

PLAN_FILE = "plan.json"
ANSWERS, SCRATCH = "answers", "scratch"
TALLY_FILE = "tally.npz"
MARK = "answer_"  # before the names of predictions in a part's file


@dataclass(frozen=True)
class Part:
    """The predictions for some consecutive images.

    Attributes:
        places: ``(n,)`` int64, the indices of the images that could be read.
        answers: the predictions, arrays ``(n, ...)`` by name.
        failures: reasons by index, of the others.
    """

    places: np.ndarray
    answers: Mapping[str, np.ndarray]
    failures: Mapping[int, str]


class Parts:
    """The parts of one run, in a folder.

    Args:
        folder: theirs; what is unpacked for the run lies in it as well.

    Attributes:
        tally: of the pictures that were read, those of the parts that are there included.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / SCRATCH
        self.tally = Tally()

    def begin(self, plan: Mapping[str, Any]) -> int:
        """Resume the same plan, or begin anew; return the number of complete parts, from the first one on.

        Args:
            plan: JSON values of everything that decides what the parts hold.

        Raises:
            FileExistsError: the folder has something else in it.
        """
        changed = self._changed(plan)
        if changed is None or changed:
            if changed:
                logger.info("begins anew: %s changed since %s was begun", ", ".join(changed), self.folder)
            sweep(self.folder)
            with replacing(self.folder, PLAN_FILE, also=(ANSWERS, SCRATCH, TALLY_FILE)) as beside:
                beside.mkdir()
                write_json(beside / PLAN_FILE, dict(plan))
        done = self._count()
        if done:
            self.tally = Tally.kept(self.folder / TALLY_FILE)
        return done

    def write(self, number: int, part: Part) -> None:
        """Keep a part, and before it what was unusual of the pictures until now."""
        self.tally.keep(self.folder / TALLY_FILE, whole=True)
        failed = np.array(list(part.failures), np.int64)
        reasons = np.array(list(part.failures.values()), np.str_)
        predictions: dict[str, Any] = {f"{MARK}{name}": values for name, values in part.answers.items()}
        with replacing(self._file(number)) as beside, beside.open("wb") as file:
            mark = self._mark(number)
            np.savez(file, of=mark, places=part.places, failed=failed, reasons=reasons, **predictions)

    def read(self, number: int) -> Part:
        """Read a part.

        Raises:
            OSError: it is not there, cut or changed, or another one.
        """
        try:
            with stored_arrays(self._file(number)) as held:
                if str(held["of"]) != self._mark(number):
                    raise ValueError("it is another part")
                failures = dict(zip(held["failed"].tolist(), held["reasons"].tolist(), strict=True))
                predictions = {name.removeprefix(MARK): held[name] for name in held.files if name.startswith(MARK)}
                return Part(held["places"], predictions, failures)
        except ValueError as error:
            raise OSError(f"Expected a complete part; received {self._file(number)}: {error}. Delete it.") from error

    def remove(self) -> None:
        """Remove the folder, once the table is complete."""
        discard(self.folder)

    def _changed(self, plan: Mapping[str, Any]) -> list[str] | None:
        """The entries of a plan that changed; None where there was no plan."""
        path = self.folder / PLAN_FILE
        if not path.is_file():
            return None
        try:
            earlier = dict(read_json(path))
        except (ValueError, TypeError):
            return ["the plan"]
        return [name for name, value in plan.items() if earlier.get(name) != value]

    def _count(self) -> int:
        """The number of complete parts before the first incomplete one."""
        number = 0
        while self._is_whole(number):
            number += 1
        return number

    def _is_whole(self, number: int) -> bool:
        try:
            self.read(number)
        except OSError:
            return False
        return True

    def _mark(self, number: int) -> str:
        """What a part is: of which plan, and which of its parts, so that no other is taken for it."""
        return f"{short_hash(read_json(self.folder / PLAN_FILE))} {number}"

    def _file(self, number: int) -> Path:
        return self.folder / ANSWERS / f"{number:06}.npz"


GROUP = 16  # parts that are held at a time, and the rows of a row group


def join(
    parts: Parts, count: int, source: Unlabelled, classes: tuple[str, ...], write: Write, out: Path
) -> dict[int, str]:
    """Write the table from the parts, some at a time; return the reasons of the images that are not in it, by index."""
    failures: dict[int, str] = {}

    def groups() -> Iterator[Columns]:
        for start in range(0, count, GROUP):
            held = [parts.read(number) for number in range(start, min(start + GROUP, count))]
            for part in held:
                failures.update(part.failures)
            yield _columns(held, source, classes)

    write(out, groups())
    return failures


def check_failures(failures: Mapping[int, str], source: Unlabelled, allowed: float | None) -> None:
    """Check that at most the allowed share of the images is unreadable; None allows no one.

    Raises:
        UnreadableImagesError: more are.
    """
    if failures and (allowed is None or len(failures) > allowed * len(source)):
        names = source.names(np.array(list(failures), np.int64)).tolist()
        reasons = {Path(name): reason for name, reason in zip(names, failures.values(), strict=True)}
        raise UnreadableImagesError(reasons, len(source), allowed)


def check_any(failures: dict[int, str], source: Unlabelled, out: Path) -> None:
    """Check that some image could be read, before an earlier table is replaced; the unreadable ones are listed.

    Raises:
        ValueError: none could.
    """
    if len(failures) == len(source):
        listed = list_unreadable(failures, source, out)
        raise ValueError(f"Expected images that can be read; none of {len(source):,} can: see {listed}.")


def list_unreadable(failures: dict[int, str], source: Unlabelled, out: Path) -> Path | None:
    """List the images that a table leaves out, with reasons, and log it; without any, remove an earlier list."""
    path = out.with_name(f"{out.name}.unreadable.csv")
    if not failures:
        path.unlink(missing_ok=True)
        return None
    names = source.names(np.array(list(failures), np.int64)).tolist()
    rows = [{source.column: name, "reason": reason} for name, reason in zip(names, failures.values(), strict=True)]
    write_csv(rows, (source.column, "reason"), path)
    logger.warning(
        "left out: %d of %d images cannot be read: %s; see %s", len(rows), len(source), _reasons(failures, names), path
    )
    return path


def _reasons(failures: dict[int, str], names: list[str]) -> str:
    """Name an image with the most frequent reason, and count those that are like it, and the other reasons."""
    (reason, times), *others = Counter(failures.values()).most_common()
    alike = f", and {times - 1} more for this reason" if times > 1 else ""
    told = f"{names[list(failures.values()).index(reason)]} ({reason}){alike}"
    return f"{told}, {len(failures) - times} for other reasons" if others else told


def _columns(held: list[Part], source: Unlabelled, classes: tuple[str, ...]) -> Columns:
    indices = np.concatenate([part.places for part in held])
    predictions = {name: np.concatenate([part.answers[name] for part in held]) for name in held[0].answers}
    return {source.column: source.names(indices), **columns_of(predictions, classes)}
