"""The command line, ``zoo``: list, demo, preview, clean, fit, evaluate, predict, diversity, distill, export, submit."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from zoo.cli.clean import clean
from zoo.cli.console import run as run_command
from zoo.cli.console import start_logging
from zoo.cli.distill import distill
from zoo.cli.evaluate import evaluate
from zoo.cli.fit import demo, fit
from zoo.cli.look import diversity, list_backbones, preview
from zoo.cli.predict import predict
from zoo.cli.ship import export, submit

app = typer.Typer(
    name="zoo",
    help="From labelled images to one exported ensemble.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


app.command("list")(list_backbones)
for command in (demo, preview, clean, fit, evaluate, predict, diversity, distill, export, submit):
    app.command()(command)


if __name__ == "__main__":
    main()
