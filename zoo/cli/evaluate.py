"""``zoo evaluate``: how good is a run on other images, and on corrupted ones?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ensembles
from zoo.cleaning.preparation_options import Preparation
from zoo.cli.command_options import offering
from zoo.cli.common import DataOrOwn, Run, Shift, ShiftCopies, ShiftLimit, check_shift, check_tables, read_run
from zoo.cli.console import console, say
from zoo.cli.scored_images import SCORED, images_to_corrupt, images_to_score

if TYPE_CHECKING:
    from zoo.data.images import Images, Splits
    from zoo.ensemble.estimator import Ensemble
    from zoo.evaluation.abstention import Answers
    from zoo.report.leaderboard import Leaderboard
    from zoo.report.table_kind import TableKind

ANSWERS = "answers.csv"
BOARD = "leaderboard"


@offering(Preparation, only=SCORED)
def evaluate(
    run: Run,
    data: DataOrOwn = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Write the table here as CSV, and beside it FILE-classes.csv, FILE-confusions.csv and, of --shift, "
            "FILE-shift.csv."
        ),
    ] = None,
    shift: Shift = False,
    shift_limit: ShiftLimit = None,
    shift_copies: ShiftCopies = None,
    abstain: Annotated[
        float | None,
        typer.Option(help="Share of errors to allow, such as 0.01: say how many images are then answered."),
    ] = None,
    coverage: Annotated[
        float | None, typer.Option(help="Wanted coverage, such as 0.95: say how large the sets of classes then are.")
    ] = None,
    per_class: Annotated[
        bool,
        typer.Option("--per-class/--no-per-class", help="Say how well each class is told, and what it is taken for."),
    ] = True,
    out: Annotated[
        Path | None, typer.Option(help="A folder: write every table there as CSV, and the answer for each image.")
    ] = None,
    **reading: Any,
) -> None:
    """Score a run's members and rules on labelled images: their test split, else validation, else all.

    Without --data they are the run's own, read again: its test images, else those that it held out from training.

    A table's columns are those that the run was fitted on, as far as it has them, or --columns. Groups are those of the
    table, else found in the files' paths as the run found them, or by --group-from.
    """
    check_shift(shift, shift_limit, shift_copies)
    if out:
        _check_folder(out)
    ensemble = read_run(run)
    _check_places(csv, out, shift=shift, per_class=per_class)
    images = images_to_score(run, ensemble, data, **reading)
    board = ensemble.leaderboard(images)
    tables: dict[str, Any] = {BOARD: board}
    if shift:
        shown = images_to_corrupt(run, ensemble, images) if data is None else images
        shifted = ensemble.shift(shown, limit=shift_limit, copies=shift_copies)
        tables = {BOARD: board.with_shift(shifted), "shift": shifted}
    unscored = _unscored(ensemble, board)
    if per_class and not unscored:
        tables |= {"classes": ensemble.per_class(images), "confusions": ensemble.confusions(images)}
    for name, table in tables.items():
        table.where = table.where if data is None else _named(table.where, images, data)
        console.print(table)
        if csv:
            say(f"table: {table.to_csv(csv if name == BOARD else _beside(csv, name))}")
    if unscored:
        say(f"no answers to tell by class, to leave out or to put into sets: {unscored}")
    if out:
        _write_all(ensemble, images, tables, out, answered=not unscored)
    if (abstain is not None or coverage is not None) and not unscored:
        _print_uncertainty(ensemble, images.to_score()[1], abstain, coverage)


def _check_folder(out: Path) -> None:
    """Check that a folder for tables is neither a run, whose own tables would be replaced, nor one of pictures."""
    from zoo.inference.map_files import MAPS_FILE
    from zoo.state.ensemble_record import ENSEMBLE_FILE
    from zoo.state.not_a_run import check_no_pictures

    for mark, what in ((ENSEMBLE_FILE, "a run"), (MAPS_FILE, "that of `zoo explain`")):
        if (out / mark).exists():
            raise FileExistsError(f"Expected --out as a folder of its own; {out} is {what}. Choose another.")
    check_no_pictures(out)


def _check_places(csv: Path | None, out: Path | None, *, shift: bool, per_class: bool) -> None:
    """Check that no table replaces a file that is none of an earlier call."""
    from zoo.evaluation.abstention import OF_ANSWERS

    kinds, wanted = _kinds(), ["shift"] * shift + ["classes", "confusions"] * per_class
    if csv:
        check_tables((csv, kinds[BOARD]), *((_beside(csv, name), kinds[name]) for name in wanted))
    if out:
        check_tables((out / ANSWERS, OF_ANSWERS), *((out / f"{name}.csv", kinds[name]) for name in [BOARD, *wanted]))


def _kinds() -> dict[str, TableKind]:
    from zoo.report.class_table import ClassTable, ConfusionTable
    from zoo.report.corruption_table import ShiftTable
    from zoo.report.leaderboard import Leaderboard

    return {
        BOARD: Leaderboard.kind,
        "shift": ShiftTable.kind,
        "classes": ClassTable.kind,
        "confusions": ConfusionTable.kind,
    }


def _unscored(ensemble: Ensemble, board: Leaderboard) -> str:
    """Why the rule that answers has no score here; empty where it has one."""
    row = board.of_rule(ensemble.method_)
    return "" if row is None or row["balanced_accuracy"] is not None else f"{row['name']}, {row['status']}"


def _named(where: str, images: Splits, data: str) -> str:
    """Call images that no split divides by their source, as the leaderboard of a path does."""
    from zoo.evaluation.scoring import GIVEN

    alone = len(images.items()) == 1
    return where.replace(f"({GIVEN})", f"({Path(data).expanduser().resolve().name})") if alone else where


def _beside(csv: Path, what: str) -> Path:
    return csv.with_name(f"{csv.stem}-{what}.csv")


def _write_all(ensemble: Ensemble, images: Splits, tables: dict[str, Any], out: Path, *, answered: bool) -> None:
    """Write every table, and the answer for each image, the surest errors first, into a folder."""
    from zoo.evaluation.abstention import OF_ANSWERS
    from zoo.report.table_kind import names_in
    from zoo.report.tables import write_csv
    from zoo.utils.files import make_folder

    make_folder(out)
    if (out / ANSWERS).is_file():  # of an earlier call, whose tables may be of other images
        for path, kind in ((out / f"{name}.csv", kind) for name, kind in _kinds().items()):
            if path.is_file() and kind.has(names_in(path)):
                path.unlink()
    for name, table in tables.items():
        table.to_csv(out / f"{name}.csv")
    if not answered:
        (out / ANSWERS).unlink(missing_ok=True)
        say(f"tables: {out} ({', '.join(tables)})")
        return
    rows = sorted(ensemble.answered(images), key=lambda row: (row["right"], -row[f"probability_{row['class']}"]))
    OF_ANSWERS.check(out / ANSWERS)
    write_csv(rows, list(rows[0]), out / ANSWERS)
    say(f"tables: {out} ({', '.join(tables)}, answers)")


def _print_uncertainty(ensemble: Ensemble, images: Images, abstain: float | None, coverage: float | None) -> None:
    """Print abstention and coverage from one pass over the images."""
    from zoo.evaluation.abstention import fair_answer

    given = {name: value for name, value in (("abstain", abstain), ("coverage", coverage)) if value is not None}
    answers = fair_answer(ensemble.state_, images, **given)
    if abstain is not None:
        console.print(_abstaining(ensemble, answers, images, abstain))
    if coverage is not None:
        console.print(_covering(ensemble, answers, images, coverage))


def _covering(ensemble: Ensemble, answers: Answers, images: Images, wanted: float) -> str:
    """How often sets of classes hold the true one, and how large they are."""
    chosen_here = "; their sizes were chosen on these images" if ensemble.held_out_.covers(images) else ""
    held, sizes = ensembles.coverage(answers.sets, images.labels), answers.sets.sum(axis=1)
    return (
        f"sets of classes for {wanted:.2%}: the true one is in {held:.2%} of {len(images)}; "
        f"{sizes.mean():.2f} classes on average, {(sizes == 1).mean():.2%} of one{chosen_here}"
    )


def _abstaining(ensemble: Ensemble, answers: Answers, images: Images, abstain: float) -> str:
    """The share of predictions accepted at an allowed error rate, and how many of them are wrong."""
    wrong = answers.probabilities.argmax(axis=1) != images.labels
    errors = f", {wrong[answers.accepted].mean():.2%} of the answers wrong" if answers.accepted.any() else ""
    chosen_here = "; the threshold was chosen on these images" if ensemble.held_out_.covers(images) else ""
    return (
        f"{abstain:.2%} of errors allowed, by {ensemble.uncertainty}: {answers.accepted.mean():.2%} of {len(images)} "
        f"images answered{errors}; if all are answered, {wrong.mean():.2%} are wrong{chosen_here}"
    )
