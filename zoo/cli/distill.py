"""``zoo distill``: one network that has learned from a whole run."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

import zoo
from zoo.cleaning.preparation_options import Preparation
from zoo.cleaning.prepare import prepare
from zoo.cli.command_options import option_of
from zoo.cli.common import Columns, Data, GroupFrom, ImagesDir, Run, read_run
from zoo.cli.console import console, say
from zoo.cli.fit import say_stale
from zoo.cli.run_config import asked_config, check_place, chosen_config, write_choices
from zoo.cli.scored_images import run_columns, run_group_from
from zoo.config import Config, read_config
from zoo.data.source import is_file
from zoo.data.tables.table import SUFFIXES
from zoo.models.plan import Plan
from zoo.utils.logging import collected

logger = logging.getLogger(__name__)


def distill(
    run: Run,
    data: Data,
    out: Annotated[Path, typer.Option(help="The student's run, for evaluate, export and submit.")],
    student: Annotated[str, typer.Option(help="A backbone.")] = "mobilenet_v2",
    config: Annotated[
        Path | None, typer.Option(help="A TOML file whose recipe, head and weights train it; by default the run's.")
    ] = None,
    weights_dir: Annotated[str | None, option_of(Config, "weights_dir")] = None,
    images_dir: ImagesDir = None,
    columns: Columns = None,
    group_from: GroupFrom = None,
    views: Annotated[int, typer.Option(help="Fixed views of each image that it learns from.")] = 8,
    share: Annotated[
        float, typer.Option(help="Weight of the ensemble's predictions in the targets; the labels have the rest.")
    ] = 0.7,
    temperature: Annotated[float, typer.Option(help="That softens the ensemble's predictions.")] = 1.0,
) -> None:
    """Train one network on what a run predicts of its training images, and say what of the gain it kept."""
    check_place(out)
    teacher, started = read_run(run), datetime.now().astimezone()
    from zoo.ensemble.estimator import Ensemble
    from zoo.state.run_record import record_run

    own, preparation = _how(run, config)
    own = replace(own, members=(student,), weights_dir=weights_dir or own.weights_dir)
    how = replace(
        preparation,
        images_dir=images_dir or (preparation.images_dir if config or is_file(Path(data), *SUFFIXES) else None),
        columns=columns or (preparation.columns if config else run_columns(run, data)),
        group_from=group_from or preparation.group_from or run_group_from(run),
        depth_range=teacher.state_.reading.depth_range,  # the pixels that the teacher knows
    )
    with collected("zoo.data", "zoo.cleaning") as told:
        prepared = prepare(data, how, seed=own.seed, decoded=run / "decoded")
    splits = zoo.load(prepared, classes=teacher.targets_.known)
    (plan,) = own.plans()
    if not isinstance(plan, Plan):
        raise ValueError(f"Expected --student as a backbone, which is trained; received {student!r}. See `zoo list`.")
    taught = teacher.distill(plan, splits, recipe=own.recipe, views=views, share=share, temperature=temperature)
    say(str(taught))
    ensemble = Ensemble([taught.student], store=out, seed=own.seed).fit(splits)
    ensemble.save(out)
    write_choices(replace(own, data=how), "", out)
    record_run(out, data, splits, started, told)
    console.print(ensemble.leaderboard())
    say_stale(ensemble, out)
    say(f"run: {out}")


def _how(run: Path, config: Path | None) -> tuple[Config, Preparation]:
    """How the student is trained, and how the images are prepared: as a file says, else as the run was made."""
    from zoo.ensemble.distill import for_student

    if config is not None:
        given = read_config(config)
        return given, given.data
    made, asked = chosen_config(run), asked_config(run)
    if made is None:
        logger.info("%s does not say how it was trained: the student gets the default recipe (--config)", run)
    made, asked = made or Config(), asked or Config()
    return replace(made, recipe=for_student(made.recipe)), asked.data
