"""The command line, ``zoo``: a module of this package for each command, imported when that command is given."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from zoo.cli.exit_codes import run, start_logging
from zoo.utils.version import __version__

WIDE = 1000  # characters

COMMANDS = {  # by their module: the function, in the order in which one meets them
    "list": "list_backbones",
    "demo": "demo",
    "preview": "preview",
    "clean": "clean",
    "fit": "fit",
    "evaluate": "evaluate",
    "predict": "predict",
    "serve": "serve",
    "explain": "explain",
    "report": "report",
    "diversity": "diversity",
    "neighbours": "neighbours",
    "distill": "distill",
    "export": "export",
    "submit": "submit",
    "info": "info",
    "compare": "compare",
    "prune": "prune",
}


QUICK = (
    "list",
    "preview",
    "predict",
    "serve",
    "info",
    "prune",
)  # the others show how far they are; predict has a bar of its own


def main() -> None:
    """Run the command line; a user's mistake is one line and exit code 2, a traceback only with ``--debug``."""
    shared, own = _shared_first(sys.argv[1:])
    command = own[0] if own else _completed()
    with _progress() if command in COMMANDS and command not in QUICK and "--help" not in own else nullcontext():
        code = run(partial(application, command), [*shared, *own] or ["--help"], command)
    sys.exit(code)


def _completed() -> str:
    """The command whose options a shell completes, which it tells by a variable; "" otherwise."""
    words = os.environ.get("COMP_WORDS", os.environ.get("_TYPER_COMPLETE_ARGS", "")).split()
    return next((word for word in words[1:] if word in COMMANDS), "")


def _progress() -> AbstractContextManager[object]:
    from zoo.cli.console import console
    from zoo.planning.watching import shown

    return shown(console)


def application(command: str) -> typer.Typer:
    """Make the application: with the given command, or with all of them for the help."""
    app = typer.Typer(
        name="zoo",
        help="From labelled images to one exported ensemble.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(options)
    if command in COMMANDS:
        app.command(command)(getattr(import_module(f"zoo.cli.{command}"), COMMANDS[command]))
        return app
    for name, function in COMMANDS.items():
        app.command(name, help=_documentation(name, function))(_none)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ensemble-zoo {__version__}")
        raise typer.Exit


def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and all messages.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="Show all columns of tables, however wide that is.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version, and end.")
    ] = False,
    imports: Annotated[
        list[str] | None,
        typer.Option("--import", metavar="MODULE", help="A module that registers backbones; may be given again."),
    ] = None,
) -> None:
    """Set up what all commands share."""
    start_logging(debug=debug)
    if wide:
        from zoo.cli.console import console

        console.width = WIDE
    if imports:
        from zoo.utils.modules import import_modules

        import_modules(imports)


def _shared_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take apart the options that all commands share, which typer wants before the command, and the rest."""
    shared, others = [], []
    words = iter(arguments)
    for word in words:
        if word in ("--debug", "--wide") or word.startswith("--import="):
            shared.append(word)
        elif word == "--import":
            shared += [word, next(words, "")]
        else:
            others.append(word)
    return shared, others


def _documentation(command: str, function: str) -> str:
    """Read a function's docstring without importing its module, which takes seconds for all of them."""
    tree = ast.parse(Path(__file__).with_name(f"{command}.py").read_text(encoding="utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    return ast.get_docstring(next(found)) or ""


def _none() -> None:
    """Stand for a command that is listed."""


if __name__ == "__main__":
    main()
