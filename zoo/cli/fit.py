"""``zoo fit``: from images to an ensemble."""

from __future__ import annotations

import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ensembles
from zoo.cleaning.preparation_options import Preparation
from zoo.cli.command_options import choose, offering
from zoo.cli.common import SOURCES, Shift, ShiftLimit, check_shift
from zoo.cli.console import console, say
from zoo.cli.exit_codes import INCOMPLETE
from zoo.cli.run_config import CHOSEN_FILE, CONFIG_FILE, check_place, write_choices
from zoo.cli.tracking import InMLflow, MLflowModel, MLflowURI, TensorBoardFolder, record, trackers
from zoo.config import Config
from zoo.ensemble_options import PRESET
from zoo.report.tables import show, write_csv
from zoo.training.recipe import Recipe
from zoo.utils.files import make_folder
from zoo.utils.logging import collected, keeping, quiet_tensorflow
from zoo.utils.text import seconds_of
from zoo.utils.timing import stopwatch

if TYPE_CHECKING:
    from zoo.ensemble.estimator import Ensemble
    from zoo.state.run_record import RunRecord
    from zoo.trackers.tracker import Tracker

logger = logging.getLogger(__name__)

SHIFT_FILE, LOG_FILE = "shift.csv", "log.txt"


@offering(Config, Recipe, Preparation)
def fit(
    out: Annotated[Path, typer.Option(help="The run's folder; what it holds already is not trained again.")],
    config: Annotated[
        Path | None,
        typer.Argument(
            help="A TOML file, or the config.json of a run to make again; without one and without members --preset "
            "balanced chooses."
        ),
    ] = None,
    data: Annotated[
        str | None, typer.Option("--data", help=f"{SOURCES}; of a config.json by default that run's.")
    ] = None,
    shift: Shift = False,
    shift_limit: ShiftLimit = None,
    allow_failures: Annotated[
        bool, typer.Option("--allow-failures", help="Exit with code 0, not 3, when a member fails.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what the run would take, and end; nothing is trained.")
    ] = False,
    tensorboard: TensorBoardFolder = None,
    mlflow: InMLflow = False,
    mlflow_uri: MLflowURI = None,
    mlflow_model: MLflowModel = False,
    **options: Any,
) -> None:
    """Train the members, fit every rule, and keep the ensemble in a run's folder.

    It ends with exit code 3 if a member failed and the others went on; a dry run, if one would.
    """
    check_shift(shift, shift_limit)
    if config is None and not options["members"]:
        options["preset"] = options["preset"] or PRESET
    chosen, source = choose(config, **options), data or source_beside(config)
    check_place(out)
    cost, tracked_by = stopwatch(), trackers(tensorboard, mlflow, mlflow_uri, mlflow_model)
    if dry_run:
        unable = foresee(chosen, source, out, shift=shift, shift_limit=shift_limit)
        if unable and not allow_failures:
            end_by(unable, "The run would be kept without them")
        return
    with kept_lines(out):
        before = answering(out)
        ensemble = run_fit(chosen, source, out, tracked_by, shift_limit=shift_limit)
        if shift:
            score_shifted(ensemble, out, shift_limit)
        say_stale(ensemble, out, shifted=shift or before in (None, answering(out)))
        logger.info("run: %s (%s)", out, cost())
        failed = [name for name in ensemble.failures_ if name not in ensembles.RULES]
        if failed and not allow_failures:
            end_by(failed, "The run is kept without them")


def source_beside(config: Path | None) -> str:
    """The data of the run whose configuration is given.

    Raises:
        ValueError: no configuration of a run, or one that does not say.
    """
    from zoo.state.run_record import read_run_record

    of_run = config is not None and config.name in (CONFIG_FILE, CHOSEN_FILE)
    record = read_run_record(config.parent) if config is not None and of_run else None
    if record is None:
        raise ValueError(f"Expected --data: {SOURCES[0].lower()}{SOURCES[1:]}; received none. See `zoo fit --help`.")
    return record.source


def run_fit(
    config: Config, data: str, out: Path, tracked_by: Sequence[Tracker] = (), *, shift_limit: int | None = None
) -> Ensemble:
    """Prepare the images, fit, keep the run, print its leaderboard, and record it.

    Args:
        config: of the run.
        data: the source.
        out: the run's folder.
        tracked_by: what records it.
        shift_limit: of the images whose corrupted copies will be scored; it is checked before anything is trained.
    """
    quiet_tensorflow()
    from zoo.cleaning.prepare import prepare
    from zoo.data.splits import limit
    from zoo.ensemble.beginning import check_first
    from zoo.ensemble.estimator import Ensemble
    from zoo.state.run_record import record_run

    config = config.anchored()
    plans, started, begun = config.plans(), datetime.now().astimezone(), monotonic()
    check_first(config, plans, out, data, image_size=config.data.image_size, classes=config.data.classes)
    with collected("zoo.data", "zoo.cleaning") as preparation:
        splits = prepare(data, config.data, seed=config.seed, decoded=out / "decoded")
    if shift_limit is not None:
        limit(splits.to_validate(), shift_limit)
    watching = [callback for tracker in tracked_by for callback in tracker.callbacks()]

    def describe(kept: Ensemble) -> RunRecord:
        """Say what lies in the folder, also for a run that is stopped before its limit."""
        write_choices(config, kept.chosen_toml_, out)
        return record_run(out, data, splits, started, preparation)

    ensemble = Ensemble(plans, store=out, **options_from(config, begun))
    ensemble.fit(splits, callbacks=watching, on_kept=describe)
    show(ensemble.leaderboard(), console)
    ensemble.save(out)
    if ensemble.chosen_toml_:
        written = (out / CHOSEN_FILE).read_text(encoding="utf-8")
        logger.info("the same run without a preset, %s:\n%s", out / CHOSEN_FILE, written)
    run = describe(ensemble)
    if splits.test is not None:
        show(ensemble.leaderboard(splits), console)
    record(tracked_by, ensemble, splits, run, out.resolve().name)
    return ensemble


def options_from(config: Config, begun: float) -> dict[str, Any]:
    """The options of an ensemble, whose time limit began with reading the images, at ``begun``."""
    options = config.ensemble_options()
    if config.time_limit is not None:
        options["time_limit"] = max(seconds_of(config.time_limit) - (monotonic() - begun), 1.0)
    return options


def foresee(config: Config, data: str, out: Path, *, shift: bool, shift_limit: int | None) -> list[str]:
    """Prepare the images, and print what the run would take; returns the names of members that cannot take part."""
    quiet_tensorflow()
    from zoo.cleaning.prepare import prepare
    from zoo.data.splits import limit
    from zoo.ensemble.beginning import check_first
    from zoo.ensemble.estimator import Ensemble
    from zoo.evaluation.shift_cost import shift_line

    config = config.anchored()
    plans, begun = config.plans(), monotonic()
    check_first(config, plans, out, data, image_size=config.data.image_size, classes=config.data.classes)
    splits = prepare(data, config.data, seed=config.seed, decoded=out / "decoded")
    scored = limit(splits.to_validate(), shift_limit, seed=0) if shift else None
    ensemble = Ensemble(plans, store=out, **options_from(config, begun))
    forecast = ensemble.plan(splits)
    console.print(forecast)
    if scored is not None:
        console.print(shift_line(forecast, scored, views=ensemble.views))
    return [one.name for one in forecast.members if one.reason]


@contextmanager
def kept_lines(out: Path) -> Iterator[None]:
    """Append the lines of a run to its log."""
    command = shlex.join(["zoo", *sys.argv[1:]])
    with keeping(make_folder(out) / LOG_FILE, f"--- {datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}: {command}"):
        yield


def end_by(failed: Sequence[str], kept: str) -> None:
    """End with exit code 3 where a member failed: the run is kept, but it is not the ensemble that was asked for."""
    say(f"failed: {', '.join(failed)}. {kept}; to exit with 0, add --allow-failures.")
    raise typer.Exit(INCOMPLETE)


def answering(run: Path) -> list[Any] | None:
    """The members and rules of the ensemble that a run holds; None where there is none."""
    from zoo.state.ensemble_record import read_ensemble

    try:
        record = read_ensemble(run)
    except (OSError, ValueError):
        return None
    return [record[name] for name in ("members", "method", "rules")]


def say_stale(ensemble: Ensemble, out: Path, *, shifted: bool = True) -> None:
    """Name what lies in the run's folder and was made of an earlier fit there, with other members or rules.

    Args:
        ensemble: the one that the run holds now.
        out: the run's folder.
        shifted: its table of scores under shift, where it has one, is of this ensemble.
    """
    from zoo.state.made_from import stale_in

    stale = stale_in(out, ensemble.state_)
    stale += [SHIFT_FILE] if not shifted and (out / SHIFT_FILE).is_file() else []
    if stale:
        logger.warning(
            "of an earlier fit, and no longer of this run: %s. Make them anew (zoo export, report, submit, fit "
            "--shift), or remove them.",
            ", ".join(stale),
        )


def score_shifted(ensemble: Ensemble, out: Path, limit: int | None) -> None:
    """Score corrupted copies of the validation images; print both tables, and keep them with the run."""
    from zoo.state.persistence import LEADERBOARD_FILE

    shifted = ensemble.shift(limit=limit)
    board = ensemble.leaderboard().with_shift(shifted)
    show(board, console)
    show(shifted, console)
    write_csv(board, board.columns, out / LEADERBOARD_FILE)
    write_csv(shifted, shifted.columns, out / SHIFT_FILE)
