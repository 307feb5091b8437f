"""Event files, which TensorBoard reads, written without TensorFlow's runtime.

``tf.summary`` would need the package tensorboard too, and would start TensorFlow on the device that a training under
another backend uses. So events are tensorboard's own messages and records, as PyTorch writes them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zoo.plots.canvas import as_png
from zoo.utils import modules

Point = tuple[str, int]  # tag and step


def check_installed() -> None:
    """Check that there is what writes event files.

    Raises:
        ImportError: there is not.
    """
    modules.check_installed(["tensorboard"], "tensorboard", "write event files")


def new_file(folder: Path, kind: str) -> Path:
    """Make the folder, remove its event files of a kind, and return the path of the next one.

    Names sort by time, as a running TensorBoard reads a run's files in order and never goes back.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in _files(folder, kind):
        path.unlink()
    return folder / f"events.out.tfevents.{time.time():.6f}.zoo.{kind}"


def append(path: Path, step: int, values: Iterable[Any], *, starts: bool = False) -> None:
    """Append one event with values to a file; one that starts takes the place of steps that were read before."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    now = time.time()
    events = [Event(wall_time=now, step=step, summary=Summary(value=list(values)))]
    if starts:
        events.insert(0, Event(wall_time=now, step=step, session_log=SessionLog(status=SessionLog.START)))
    if not path.exists():
        events.insert(0, Event(wall_time=now, file_version="brain.Event:2"))
    with path.open("ab") as file:
        for event in events:
            RecordWriter(file).write(event.SerializeToString())


def scalars(figures: dict[str, float]) -> list[Any]:
    """Numbers by their tag."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    return [Summary.Value(tag=tag, simple_value=value) for tag, value in figures.items()]


def image(tag: str, figure: Any) -> Any:
    """A figure as an image."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    png, (height, width) = as_png(figure)
    return Summary.Value(
        tag=tag, image=Summary.Image(height=height, width=width, colorspace=4, encoded_image_string=png)
    )


def text(tag: str, markdown: str) -> Any:
    """A text in Markdown."""
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.types_pb2 import DT_STRING

    told = TensorProto(dtype=DT_STRING, string_val=[markdown.encode()])
    how = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    return Summary.Value(tag=tag, metadata=how, tensor=told)


def hparams(values: dict[str, str], name: str) -> list[Any]:
    """Hyperparameters of a run, for TensorBoard's table of them."""
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb

    return list(hparams_pb({key: _number(value) for key, value in values.items()}, trial_id=name).value)


def _number(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def kept_scalars(folder: Path, kind: str) -> dict[Point, float]:
    """The numbers in the event files of a kind."""
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    read = (Event.FromString(raw) for path in _files(folder, kind) for raw in RawEventFileLoader(str(path)).Load())
    return {(value.tag, event.step): value.simple_value for event in read for value in event.summary.value}


def _files(folder: Path, kind: str) -> list[Path]:
    return sorted(folder.glob(f"events.out.tfevents.*.zoo.{kind}"))
