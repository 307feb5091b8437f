"""Groups, such as patients or videos, of which some images are trained on and others scored."""

from __future__ import annotations

from collections import Counter

from zoo.cleaning.all_splits import Stack, Suspect
from zoo.cleaning.findings import DROP
from zoo.data.duplicates import rows_by_key


def find_shared_groups(stack: Stack) -> list[Suspect]:
    """Make the check ``group``: all images of a group but those in its highest split, the largest group first."""
    grouped = [rows for rows in rows_by_key(stack.groups) if stack.groups[rows[0]] is not None]
    shared = [rows for rows in grouped if len(set(stack.ranks[rows].tolist())) > 1]
    ordered = sorted(shared, key=lambda rows: -len(rows))
    return [one for number, rows in enumerate(ordered) for one in _suspects(stack, number, rows)]


def _suspects(stack: Stack, number: int, rows: list[int]) -> list[Suspect]:
    highest = stack.ranks[rows].max()
    first = next(row for row in rows if stack.ranks[row] == highest)
    counts = Counter(stack.place(row)[0] for row in rows)
    note = f"{stack.groups[rows[0]]}: {', '.join(f'{count} {split}' for split, count in counts.items())}"
    return [
        Suspect(row=row, score=float(len(rows)), decision=DROP, note=note, group=number, partner=first)
        for row in rows
        if stack.ranks[row] < highest
    ]
