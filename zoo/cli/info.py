"""``zoo info``: what is in a run?"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from zoo.cli.common import Run, read_run
from zoo.cli.console import console, say
from zoo.cli.run_config import CONFIG_FILE, chosen_config
from zoo.utils.text import count_of

if TYPE_CHECKING:
    from pathlib import Path

    from zoo.state.run_record import RunRecord
    from zoo.state.state import EnsembleState


def info(run: Run) -> None:
    """Say what a run is made of: its data, when and how it was made, its members and choices, its size on disk."""
    from zoo.report.tables import draw
    from zoo.state.made_from import stale_in
    from zoo.state.run_record import read_run_record

    state = read_run(run).state_
    record = read_run_record(run)
    for name, text in (*_origin(record), *_again(run, record), *_choices(run, state)):
        say(f"{name + ':':<13}{text}")
    console.print(draw("Members", MEMBERS, _members(state), left=("name", "backbone", "starts from")))
    sizes = _sizes(run, stale_in(run, state))
    console.print(draw("On disk", ("part", "size", "what it is"), sizes, left=("part", "what it is")))


MEMBERS = ("name", "backbone", "starts from", "epochs", "minutes", "images", "parameters")


def _origin(record: RunRecord | None) -> Iterator[tuple[str, str]]:
    if record is None:
        yield "made", "by an earlier version, or from Python: the command is not known"
        return
    yield "made", f"{record.started}, in {record.seconds / 60:.1f} minutes"
    yield "command", record.command
    yield "data", record.source + (f" ({record.files})" if record.files else "")
    yield "images", ", ".join(f"{sum(counts.values()):,} {split}" for split, counts in record.counts.items())
    yield "versions", ", ".join(f"{name} {version}" for name, version in record.versions.items())
    machine = (count_of(value, "core") if name == "cores" else str(value) for name, value in record.machine.items())
    yield "machine", ", ".join(machine)


def _again(run: Path, record: RunRecord | None) -> Iterator[tuple[str, str]]:
    if record is not None and (run / CONFIG_FILE).is_file() and not record.command.startswith("zoo distill"):
        yield "train again", f"zoo fit {shlex.quote(str(run / CONFIG_FILE))} --out ANOTHER"


def _choices(run: Path, state: EnsembleState) -> Iterator[tuple[str, str]]:
    from zoo.evaluation.cautions import explain_choice

    height, width = state.image_size
    chosen = explain_choice(state.rule())
    yield "classes", f"{len(state.class_names)}: {', '.join(state.class_names)}"
    reading = "" if state.reading.is_plain else f", read with {state.reading.as_dict()}"
    yield "input", f"{width}x{height} pixels, 8-bit RGB{reading}"
    yield "rule", f"{state.method}; uncertainty {state.uncertainty}" + (f"; {chosen}" if chosen else "")
    yield "scores on", state.leaderboard.where
    for row in state.leaderboard:
        if row["name"] == state.method and row["balanced_low"] is None:
            yield "balanced", row["status"]
        elif row["answers"]:
            ends = f"{row['balanced_low']:.3f}-{row['balanced_high']:.3f}"
            yield "balanced", f"{row['balanced_accuracy']:.4f} (95 % {ends}), accuracy {row['accuracy']:.4f}"
    config = chosen_config(run)
    if config:
        recipe = config.as_dict()["recipe"]
        named = (f"{name} {value}" for name, value in recipe.items() if value not in (None, (), [], {}))
        yield "recipe", ", ".join(named)
    yield from (("failed", f"{name}: {reason}") for name, reason in state.failures.items())
    yield from (("doubt", f"{name}: {reason}") for name, reason in state.doubts.items())


def _members(state: EnsembleState) -> list[list[str]]:
    rows = []
    for member in state.members:
        plans = member.networks
        start = ", ".join(sorted({"pretrained" if plan.pretrained else "scratch" for plan in plans}))
        minutes = f"{member.seconds / 60:.1f}" if member.seconds else ""
        images = "" if member.trained_on is None else f"{member.trained_on:,}"
        backbone = ", ".join(dict.fromkeys(plan.backbone for plan in plans)) or "a Keras model"
        rows.append([member.name, backbone, start, str(len(member.history)), minutes, images, f"{member.parameters:,}"])
    return rows


def _sizes(run: Path, stale: Collection[str]) -> list[list[str]]:
    from zoo.state.run_folder import as_size, parts_of

    parts = [part for part in parts_of(run) if part.size]
    rows = []
    for part in parts:
        what = f"{part.what} of an earlier fit: make it anew" if part.path.name in stale else part.what
        rows.append(["other files" if part.path == run else part.path.name, as_size(part.size), what])
    return [*rows, ["total", as_size(sum(part.size for part in parts)), "zoo prune says what can go"]]
