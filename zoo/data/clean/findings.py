"""Everything that was found in a data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zoo.data.clean.finding import CHECKS, DROP, Finding
from zoo.data.clean.report import write
from zoo.data.images import Splits


@dataclass(frozen=True, eq=False)
class Findings:
    """All findings about some splits, check by check, the worst first; copies of one picture side by side.

    Attributes:
        found: the findings.
        splits: the images that they are about.
        checks: the checks that were made, also those that found nothing.
    """

    found: tuple[Finding, ...]
    splits: Splits
    checks: tuple[str, ...] = CHECKS

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.found)

    def of(self, check: str) -> list[Finding]:
        """The findings of one check."""
        return [finding for finding in self.found if finding.check == check]

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """By check, how many images were found, and how many of those it is suggested to drop."""
        return {
            check: (len(found), sum(finding.decision == DROP for finding in found))
            for check, found in ((check, self.of(check)) for check in self.checks)
        }

    def write(self, folder: str | Path) -> Path:
        """Write ``findings.csv``, ``summary.md`` and a contact sheet for each check that found something.

        Of an earlier report there, the decisions that the user changed are carried over to what is found again, and
        its CSV stays beside as ``findings-1.csv``, or the next number.

        Returns:
            The CSV: its column ``decision`` is for the user to edit, and :func:`zoo.data.clean.read_decisions` reads
            it.

        Raises:
            FileExistsError: the folder is there and holds other things than an earlier report.
            ValueError: an earlier CSV that cannot be read; nothing is replaced.
        """
        return write(self, Path(folder))
