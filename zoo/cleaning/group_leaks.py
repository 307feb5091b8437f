"""Groups, such as patients or videos, of which some images are trained on and others scored."""

from __future__ import annotations

from collections import Counter

from zoo.cleaning.all_splits import Stack, Suspect
from zoo.cleaning.findings import DROP


def find_shared_groups(stack: Stack) -> list[Suspect]:
    """Make the check ``group``: all images of a group but those in its highest split, the largest group first."""
    rows_of: dict[str, list[int]] = {}
    for row, group in enumerate(stack.groups):
        if group is not None:
            rows_of.setdefault(group, []).append(row)
    shared = [(group, rows) for group, rows in rows_of.items() if len(set(stack.ranks[rows].tolist())) > 1]
    ordered = sorted(shared, key=lambda pair: -len(pair[1]))
    return [one for number, (group, rows) in enumerate(ordered) for one in _suspects(stack, number, group, rows)]


def _suspects(stack: Stack, number: int, group: str, rows: list[int]) -> list[Suspect]:
    highest = stack.ranks[rows].max()
    first = next(row for row in rows if stack.ranks[row] == highest)
    counts = Counter(stack.place(row)[0] for row in rows)
    note = f"{group}: {', '.join(f'{count} {split}' for split, count in counts.items())}"
    return [
        Suspect(row=row, score=float(len(rows)), decision=DROP, note=note, group=number, partner=first)
        for row in rows
        if stack.ranks[row] < highest
    ]
