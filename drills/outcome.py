"""What a drill tried and what it lost, as a table at the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What came of a drill.

    Attributes:
        name: the drill's.
        counts: by what became of them, how many trials.
        lost: one line for each trial that lost something.
        skipped: why parts of it did not run.
        notes: figures to print, such as latencies.
    """

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """How many trials ran."""
        return self.counts.total()

    def good(self, what: str) -> None:
        """Count a trial that lost nothing."""
        self.counts[what] += 1

    def lose(self, what: str, line: str) -> None:
        """Count a trial that lost something, and print it at once."""
        self.counts[what] += 1
        self.lost.append(line)
        print(f"  LOST {self.name}: {line}", flush=True)

    def skip(self, why: str) -> None:
        """Note a part that did not run."""
        self.skipped.append(why)
        print(f"  skipped {self.name}: {why}", flush=True)


def summary(outcomes: list[Outcome]) -> str:
    """Write the table of all drills."""
    rows = [("drill", "tried", "lost", "what became of them")]
    for outcome in outcomes:
        became = ", ".join(f"{count} {what}" for what, count in outcome.counts.most_common())
        rows.append((outcome.name, str(outcome.tried), str(len(outcome.lost)), became or "-"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [f"{n:<{widths[0]}}  {t:>{widths[1]}}  {x:>{widths[2]}}  {w}" for n, t, x, w in rows]
    lines.insert(1, "-" * max(map(len, lines)))
    for outcome in outcomes:
        lines += [f"{outcome.name}: {note}" for note in outcome.notes]
        lines += [f"{outcome.name}: skipped: {why}" for why in outcome.skipped]
        lines += [f"{outcome.name}: LOST: {line}" for line in outcome.lost]
    return "\n".join(lines)
