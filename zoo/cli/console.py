"""Where tables, bars and messages are drawn: on a terminal as wide as it is, in a file as plain lines."""

from __future__ import annotations

import logging
import sys

from rich.console import Console

FILE_WIDTH = 120

on_terminal = sys.stdout.isatty()
# Names of classes and paths may have brackets and colons, which are no markup.
console = Console(width=None if on_terminal else FILE_WIDTH, force_terminal=on_terminal, markup=False, emoji=False)


def say(text: str) -> None:
    """Print text for people to copy from: paths and commands stay in one piece, however narrow the terminal is."""
    console.print(text, soft_wrap=True)


def handler() -> logging.Handler:
    """Make what shows messages beside bars."""
    from rich.logging import RichHandler

    return RichHandler(console=console, show_time=False, show_level=False, show_path=False, markup=False)
