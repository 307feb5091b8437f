"""``zoo fit`` and ``zoo demo``: from images to an ensemble."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.common import (
    CONFIG_FILE,
    Data,
    ImageSize,
    Method,
    Shift,
    ShiftLimit,
    SkipUnreadable,
    check_shift,
    write_export,
    write_submission,
)
from zoo.cli.console import console, training_callbacks
from zoo.utils.logging import quiet_tensorflow
from zoo.utils.timing import stopwatch

if TYPE_CHECKING:
    from zoo.config import Config
    from zoo.ensemble.estimator import Ensemble

SHIFT_FILE = "shift.csv"


def fit(
    data: Data,
    out: Annotated[Path, typer.Option(help="The run's folder; what it holds already is not trained again.")],
    config: Annotated[
        Path | None, typer.Argument(help="A TOML file; by default configs/default.toml's choices.")
    ] = None,
    member: Annotated[
        list[str] | None, typer.Option(help="A backbone, instead of the file's; may be given again.")
    ] = None,
    method: Method = None,
    weights_dir: Annotated[str | None, typer.Option(help="Folder of pretrained weights; or set ZOO_WEIGHTS.")] = None,
    weights: Annotated[
        str | None, typer.Option(help="auto, imagenet, none or a path, for members that do not say.")
    ] = None,
    resize: Annotated[
        str | None, typer.Option(help="Side inside the graph in pixels, or HEIGHTxWIDTH, or none.")
    ] = None,
    high_pass: Annotated[bool | None, typer.Option(help="The filter before the backbone.")] = None,
    image_size: ImageSize = None,
    limit: Annotated[int | None, typer.Option(help="Train on a stratified choice of so many images.")] = None,
    head_epochs: Annotated[int | None, typer.Option(help="Epochs of the head, the backbone frozen.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs of fine-tuning.")] = None,
    augment: Annotated[
        list[str] | None,
        typer.Option(help="A policy: none, flips, standard, rand, composite, trivial; several follow."),
    ] = None,
    decisions: Annotated[
        str | None, typer.Option(help="The findings.csv of `zoo clean`: what it says to drop is left out.")
    ] = None,
    calibration: Annotated[str | None, typer.Option(help="Of the rule's answer: temperature, vector or none.")] = None,
    member_calibration: Annotated[str | None, typer.Option(help="Of each member before the rule, likewise.")] = None,
    uncertainty: Annotated[
        str | None, typer.Option(help="Of an answer: entropy, max_softmax, energy, mutual_information or distance.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option(help="Networks a member, each trained without one fold; rules learn from all images.")
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="With --folds: a network trained on all folds answers, not their mean.")
    ] = False,
    snapshots: Annotated[
        int | None, typer.Option(help="Members of every backbone, from one training in so many cycles.")
    ] = None,
    views: Annotated[
        str | None, typer.Option(help="Answer with the mean over an image's flips or d4, where it helps; or none.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(help="Members to train at a time, each in its own process.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    keep_duplicates: Annotated[bool, typer.Option("--keep-duplicates", help="Do not drop exact duplicates.")] = False,
    skip_unreadable: SkipUnreadable = False,
    shift: Shift = False,
    shift_limit: ShiftLimit = None,
) -> None:
    """Train the members, fit every rule, and keep the ensemble in a run's folder."""
    from zoo.cli.choices import choose, size

    check_shift(shift, shift_limit)
    chosen = choose(
        config,
        members=tuple(member or ()) or None,
        method=method,
        weights=weights,
        weights_dir=weights_dir,
        resize=size(resize),
        high_pass=high_pass,
        image_size=image_size,
        limit=limit,
        head_epochs=head_epochs,
        epochs=epochs,
        augment=tuple(augment or ()) or None,
        decisions=decisions,
        calibration=calibration,
        member_calibration=member_calibration,
        uncertainty=uncertainty,
        folds=folds,
        refit=refit or None,
        snapshots=snapshots,
        views=views,
        jobs=jobs,
        seed=seed,
        drop_duplicates=False if keep_duplicates else None,
        skip_unreadable=skip_unreadable or None,
    )
    cost = stopwatch()
    ensemble = run_fit(chosen, data, out)
    if shift:
        score_shifted(ensemble, out, shift_limit)
    console.print(f"run: {out} ({cost()})", soft_wrap=True)


def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/demo"),
) -> None:
    """Run the whole chain on drawn blood smears: fit, leaderboard, SavedModel, submission."""
    from zoo.cli.demo import DEMO

    cost = stopwatch()
    ensemble = run_fit(DEMO, "demo", out)
    write_export(ensemble, out / "saved_model", None)
    write_submission(ensemble, out / "submission.zip", None)
    console.print(f"run: {out} ({cost()})", soft_wrap=True)


def run_fit(config: Config, data: str, out: Path) -> Ensemble:
    """Prepare the images, fit, keep the run, and print its leaderboard."""
    from zoo.cleaning.preparation import prepare
    from zoo.ensemble.estimator import Ensemble
    from zoo.utils.files import write_json

    plans = config.plans()
    quiet_tensorflow()
    splits = prepare(data, config.data, seed=config.seed, decoded=out / "decoded")
    ensemble = Ensemble(plans, store=out, **config.ensemble_options())
    ensemble.fit(splits, callbacks=training_callbacks() if config.jobs == 1 else ())
    console.print(ensemble.leaderboard())
    ensemble.save(out)
    write_json(out / CONFIG_FILE, config.as_dict())
    if splits.test is not None:
        console.print(ensemble.leaderboard(splits))
    return ensemble


def score_shifted(ensemble: Ensemble, out: Path, limit: int | None) -> None:
    """Score corrupted copies of the validation images; print both tables, and keep them with the run."""
    from zoo.state.persistence import LEADERBOARD_FILE

    shifted = ensemble.shift(limit=limit)
    board = ensemble.leaderboard().with_shift(shifted)
    console.print(board)
    console.print(shifted)
    board.to_csv(out / LEADERBOARD_FILE)
    shifted.to_csv(out / SHIFT_FILE)
