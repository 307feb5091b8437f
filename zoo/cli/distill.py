"""``zoo distill``: one network that has learned from a whole run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import zoo
from zoo.cleaning.prepare import prepare
from zoo.cli.command_options import option_of
from zoo.cli.common import CONFIG_FILE, Columns, Data, GroupFrom, ImagesDir, Run, read_run
from zoo.cli.console import console
from zoo.cli.scored_images import run_group_from
from zoo.config import Config, config_from, read_config
from zoo.models.plan import Plan
from zoo.utils.files import read_json


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
        float, typer.Option(help="Of what it learns, the ensemble's predictions; the rest are labels.")
    ] = 0.7,
    temperature: Annotated[float, typer.Option(help="That softens the ensemble's predictions.")] = 1.0,
) -> None:
    """Train one network on what a run predicts of its training images, and say what of the gain it kept."""
    teacher = read_run(run)
    from zoo.ensemble.estimator import Ensemble

    chosen = read_config(config) if config else config_from(read_json(run / CONFIG_FILE))
    own = replace(chosen, members=(student,), weights_dir=weights_dir or chosen.weights_dir)
    how = replace(
        chosen.data,
        images_dir=images_dir or chosen.data.images_dir,
        columns=columns or chosen.data.columns,
        group_from=group_from or chosen.data.group_from or run_group_from(run),
        depth_range=teacher.state_.reading.depth_range,  # the pixels that the teacher knows
    )
    prepared = prepare(data, how, seed=chosen.seed, decoded=run / "decoded")
    splits = zoo.load(prepared, classes=teacher.targets_.known)
    (plan,) = own.plans()
    if not isinstance(plan, Plan):
        raise ValueError(f"Expected --student as a backbone, which is trained; received {student!r}. See `zoo list`.")
    taught = teacher.distill(plan, splits, recipe=own.recipe, views=views, share=share, temperature=temperature)
    console.print(str(taught), soft_wrap=True)
    ensemble = Ensemble([taught.student], store=out, seed=own.seed).fit(splits)
    ensemble.save(out)
    console.print(ensemble.leaderboard())
    console.print(f"run: {out}", soft_wrap=True)
