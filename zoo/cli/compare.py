"""``zoo compare``: in what do two runs differ, and is one better?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.common import SOURCES, Run, check_tables, read_run
from zoo.cli.console import console, say
from zoo.cli.run_config import chosen_config
from zoo.cli.scored_images import load_labelled

if TYPE_CHECKING:
    from zoo.ensemble.estimator import Ensemble

CHOICES = ("choice", "first", "second")


def compare(
    run: Run,
    other: Annotated[Path, typer.Argument(metavar="OTHER", help="The folder of another run.")],
    data: Annotated[
        str | None, typer.Option("--data", help=f"{SOURCES}; by default the images that both runs held out.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table of scores here as CSV too.")] = None,
) -> None:
    """Say in what two runs differ, and by how much the second scores better on the same images."""
    from zoo.report.comparison_table import ComparisonTable
    from zoo.report.tables import draw

    check_tables((csv, ComparisonTable.kind))
    first, second = read_run(run), read_run(other)
    from zoo.evaluation.comparison import compare as compare_states

    rows = [(name, str(own), str(their)) for name, own, their in _differences(run, other)]
    if rows:
        say(f"first: {run}\nsecond: {other}")
        console.print(draw("Choices", CHOICES, rows, left=CHOICES, wraps=CHOICES[1:]))
    else:
        say("choices: the same")
    given = {} if data is None else _given((run, first), (other, second), data)
    table = compare_states(first.state_, second.state_, **given)
    console.print(table)
    if csv:
        say(f"table: {table.to_csv(csv)}")


def _given(first: tuple[Path, Ensemble], second: tuple[Path, Ensemble], data: str) -> dict[str, Any]:
    """The images as each run reads its own, with what they are called."""
    splits = load_labelled(*first, data)
    split, images = splits.to_score()
    alike = _reading(first[1]) == _reading(second[1])
    own = images if alike else load_labelled(*second, data).to_score()[1]
    called = f"{Path(data).name}, {split}" if len(splits.items()) > 1 else Path(data).name
    return {"images": images, "as_second_reads": own, "where": called}


def _reading(ensemble: Ensemble) -> tuple[Any, ...]:
    return ensemble.image_size_, ensemble.state_.reading


def _differences(run: Path, other: Path) -> list[tuple[str, Any, Any]]:
    from zoo.evaluation.comparison import differences
    from zoo.state.run_record import read_run_record

    first, second = (own.as_dict() if own else {} for own in map(chosen_config, (run, other)))
    records = [read_run_record(folder) for folder in (run, other)]
    made, remade = (
        {"data": record.source, "versions": dict(record.versions), "machine": dict(record.machine)} if record else {}
        for record in records
    )
    return differences(first, second) + differences(made, remade)
