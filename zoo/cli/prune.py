"""``zoo prune``: make a run smaller."""

from __future__ import annotations

from typing import Annotated

import typer

from zoo.cli.common import Run
from zoo.cli.console import console, say


def prune(
    run: Run,
    decoded: Annotated[
        bool, typer.Option("--decoded", help="Remove decoded images too; reports read them again from their files.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Remove without asking.")] = False,
) -> None:
    """Remove from a run what its ensembles do not need to predict; it lists that, and asks first."""
    from zoo.report.tables import draw
    from zoo.state.occupancy import check_idle
    from zoo.state.run_folder import as_size, remove, spare_parts
    from zoo.utils.regular_files import size_of

    check_idle(run)
    found = spare_parts(run, decoded=decoded)
    total = sum(part.size for part in found)
    if not total:
        say(f"nothing to remove in {run} ({as_size(size_of(run))})")
        return
    rows = [[str(part.path.relative_to(run)), as_size(part.size), part.what] for part in found]
    console.print(draw("Not needed", ("part", "size", "what it is"), rows, left=("part", "what it is")))
    if not yes and not _confirmed(f"Remove {as_size(total)}?"):
        say("nothing removed")
        return
    remove(run, found)
    say(f"removed: {as_size(total)}")


def _confirmed(question: str) -> bool:
    try:
        return typer.confirm(question)
    except typer.Abort:
        raise ValueError("Expected an answer, y or n, or --yes; received none. Nothing was removed.") from None
