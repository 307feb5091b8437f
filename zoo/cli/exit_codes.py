"""How a command runs and ends: messages as plain lines, one line for a mistake, an exit code."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer

from zoo.utils.interrupts import interrupts_kept
from zoo.utils.logging import listen

PRINTED = ("zoo.evaluation.cautions", "zoo.report.tables")  # whose messages stand in what commands print
BAR_LOGGERS = ("zoo.training.callbacks", "zoo.inference.prediction_loop")  # that bars replace on a terminal
DONE, FAULT, MISTAKE, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 130
ANEW = "Every file is whole, or as it was before; the same command begins anew."
GOES_ON = "What was finished is kept; the same command goes on from there."
AFTER = {  # an interrupt, by the command; others begin anew
    **dict.fromkeys(("demo", "fit", "predict", "distill"), GOES_ON),
    "prune": "What was removed is gone; the same command removes the rest.",
}
MISTAKES = (ValueError, TypeError, OSError, RuntimeError, ImportError)


def run(make: Callable[[], Callable[..., Any]], arguments: Sequence[str], name: str = "") -> int:
    """Run a typer application and return its exit code; what goes wrong is one line, unless ``--debug`` is given.

    Args:
        make: makes the application, which takes the imports of a command.
        arguments: what was typed.
        name: of the command, by which it is told what holds after an interrupt.

    Raises:
        Exception: with ``--debug``, whatever the command raised.
    """
    try:
        with interrupts_kept():
            code = make()(args=list(arguments), prog_name="zoo", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        if "--debug" in arguments and not _is_usage(error):
            raise
        code = _explain(error)
    if code == INTERRUPTED:
        _print_error(f"Interrupted. {AFTER.get(name, ANEW)}")
    return code if isinstance(code, int) else DONE


def start_logging(*, debug: bool) -> None:
    """Show the library's messages: plainly in a file, beside the bars on a terminal, where these replace some."""
    listen(logging.DEBUG if debug else logging.INFO)
    on_terminal = sys.stdout.isatty()
    if on_terminal:
        from zoo.cli.console import handler

        logging.getLogger("zoo").handlers = [handler()]
    for shown in logging.getLogger("zoo").handlers:
        shown.addFilter(lambda record: record.name not in PRINTED)
        if on_terminal:
            shown.addFilter(lambda record: record.name not in BAR_LOGGERS or record.levelno >= logging.WARNING)


def _explain(error: Any) -> int:
    if _is_usage(error):
        command = error.ctx.command_path if getattr(error, "ctx", None) else "zoo"
        _print_error(f"zoo: {' '.join(error.format_message().split())} (`{command} --help` shows what there is)")
        return MISTAKE
    if isinstance(error, ModuleNotFoundError) and error.name == os.environ.get("KERAS_BACKEND"):
        _print_error(f"zoo: KERAS_BACKEND={error.name} needs a package that is not installed: pip install {error.name}")
        return MISTAKE
    if isinstance(error, MISTAKES):
        _print_error(f"zoo: {error}")
        return MISTAKE
    _print_error(f"zoo: {type(error).__name__}: {error} (--debug shows where)")
    return FAULT


def _is_usage(error: Exception) -> bool:
    """Recognise click's exceptions by their methods: some versions of typer import click, others carry a copy."""
    return hasattr(error, "format_message")


def _print_error(text: str) -> None:
    typer.echo(text, err=True)
