"""The command line: ``zoo list | demo | fit | evaluate | export | submit``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import zoo
from zoo.console import console, start_logging, training_callbacks
from zoo.console import run as run_command
from zoo.quiet import quiet_tensorflow

if TYPE_CHECKING:
    from zoo.config import Config
    from zoo.ensemble import Ensemble

app = typer.Typer(
    name="zoo",
    help="From labelled images to one exported ensemble.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder, as `zoo fit --out` wrote it.")]
Data = Annotated[str, typer.Option("--data", help="A folder of class folders, an .npz file, or 'demo'.")]
SkipUnreadable = Annotated[bool, typer.Option("--skip-unreadable", help="Leave out files that cannot be read.")]
Method = Annotated[str | None, typer.Option(help="soft, weighted or stacked; by default the run's own.")]


def main() -> None:
    """Run the command line; a user's mistake is one line and exit code 2, a traceback only with ``--debug``."""
    sys.exit(run_command(app, sys.argv[1:]))


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and all messages.")] = False,
    imports: Annotated[
        list[str] | None,
        typer.Option("--import", metavar="MODULE", help="A module that registers backbones; may be given again."),
    ] = None,
) -> None:
    """Set up what all commands share."""
    start_logging(debug=debug)
    if imports:
        from zoo.config import import_modules

        import_modules(imports)


@app.command("list")
def list_backbones(
    pattern: Annotated[str, typer.Argument(help="A glob, such as 'convnext*'.")] = "*",
    exclude: Annotated[list[str] | None, typer.Option(help="A glob to leave out; may be given again.")] = None,
) -> None:
    """List the backbones that can be built."""
    from zoo.catalogue import table

    found = zoo.names(pattern, exclude=exclude or ())
    if not found:
        raise ValueError(f"No backbone matches {pattern!r}. `zoo list` shows all.")
    console.print(table(found))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The run's folder.")] = Path("runs/demo"),
) -> None:
    """Run the whole chain on drawn blood smears: fit, leaderboard, SavedModel, submission."""
    from zoo.demo import DEMO

    ensemble = _fit(DEMO, "demo", out)
    _export(ensemble, out / "saved_model", None)
    _submit(ensemble, out / "submission.zip", None)


@app.command()
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
    image_size: Annotated[int | None, typer.Option(help="Decode to this side, in pixels.")] = None,
    limit: Annotated[int | None, typer.Option(help="Train on a stratified choice of so many images.")] = None,
    head_epochs: Annotated[int | None, typer.Option(help="Epochs of the head, the backbone frozen.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs of fine-tuning.")] = None,
    jobs: Annotated[int | None, typer.Option(help="Members to train at a time, each in its own process.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    keep_duplicates: Annotated[bool, typer.Option("--keep-duplicates", help="Do not drop exact duplicates.")] = False,
    skip_unreadable: SkipUnreadable = False,
) -> None:
    """Train the members, fit every rule, and keep the ensemble in a run's folder."""
    from zoo.choices import choose, size

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
        jobs=jobs,
        seed=seed,
        clean=False if keep_duplicates else None,
        skip_unreadable=skip_unreadable or None,
    )
    _fit(chosen, data, out)


@app.command()
def evaluate(
    run: Run,
    data: Data,
    csv: Annotated[Path | None, typer.Option(help="Write the table here as CSV too.")] = None,
    skip_unreadable: SkipUnreadable = False,
) -> None:
    """Score a run's members and rules on labelled images: their test split, else validation, else all."""
    ensemble = _load(run)
    images = zoo.load(
        data,
        image_size=ensemble.image_size_,
        classes=ensemble.classes_,
        decoded=run / "decoded" if os.access(run, os.W_OK) else None,
        skip_unreadable=skip_unreadable,
        whole=False,
    )
    board = ensemble.leaderboard(images)
    console.print(board)
    if csv:
        console.print(f"table: {board.to_csv(csv)}")


@app.command()
def export(
    run: Run,
    out: Annotated[Path, typer.Option(help="The SavedModel's folder.")],
    method: Method = None,
) -> None:
    """Write a run as one SavedModel and check it in a fresh process."""
    _export(_load(run), out, method)


@app.command()
def submit(
    run: Run,
    out: Annotated[Path, typer.Option(help="The zip file.")] = Path("submission.zip"),
    method: Method = None,
) -> None:
    """Write a run as a zip of model.py and SavedModel, and try it in a clean interpreter."""
    _submit(_load(run), out, method)


def _fit(config: Config, data: str, out: Path) -> Ensemble:
    from zoo.data.prepare import prepare
    from zoo.ensemble import Ensemble
    from zoo.files import write_json

    plans = config.plans()
    quiet_tensorflow()
    splits = prepare(data, config.data, seed=config.seed, decoded=out / "decoded")
    ensemble = Ensemble(
        plans, method=config.method, recipe=config.recipe, store=out, jobs=config.jobs, seed=config.seed
    )
    ensemble.fit(splits, callbacks=training_callbacks() if config.jobs == 1 else ())
    ensemble.save(out)
    write_json(out / "config.json", config.as_dict())
    console.print(ensemble.leaderboard())
    if splits.test is not None:
        console.print(ensemble.leaderboard(splits))
    console.print(f"run: {out}")
    return ensemble


def _load(run: Path) -> Ensemble:
    from zoo.ensemble import Ensemble

    if not run.is_dir():
        raise FileNotFoundError(f"Expected a run's folder; there is nothing at {run}.")
    quiet_tensorflow()
    return Ensemble.load(run)


def _export(ensemble: Ensemble, out: Path, method: str | None) -> None:
    console.print(f"SavedModel: {ensemble.export(out, method=method)}")


def _submit(ensemble: Ensemble, out: Path, method: str | None) -> None:
    console.print(f"submission: {ensemble.submission(out, method=method)}")


if __name__ == "__main__":
    main()
