"""Equal bytes for equal graphs: a SavedModel without traces of the process that wrote it.

TensorFlow names functions by a counter of the process and sorts them by these names. This module renumbers them
in the order in which they were made. It drops the names of captured variables, which are such counts, and the file of
random identifiers beside the graph: nothing reads either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorflow.core.protobuf import saved_model_pb2

from zoo.state.export_files import GRAPH_FILE

IDENTIFIERS_FILE = "fingerprint.pb"
USER_NAME = "_user_specified_name"
REDUNDANT = "___redundant_placeholder"
COUNTED = re.compile(r"^(.*_)(\d+)$")


def make_canonical(path: Path) -> None:
    """Write a SavedModel's graph anew, with names that do not depend on what the process has done before."""
    (path / IDENTIFIERS_FILE).unlink(missing_ok=True)
    saved = saved_model_pb2.SavedModel.FromString((path / GRAPH_FILE).read_bytes())
    functions = (function for meta in saved.meta_graphs for function in meta.graph_def.library.function)
    matches = (COUNTED.match(function.signature.name) for function in functions)
    counted = {found[0]: (found[1], int(found[2])) for found in matches if found}
    number_of = {count: number for number, count in enumerate(sorted({count for _, count in counted.values()}))}
    new_names = {name: f"{stem}{number_of[count]}" for name, (stem, count) in counted.items()}

    def renamed(text: str) -> str:
        stem, mark, rest = text.partition(REDUNDANT)  # an argument that is called by the condition of its loop
        found = next((name for name in new_names if stem.endswith(name)), None) if mark else None
        return (
            new_names.get(text, text) if found is None else f"{stem.removesuffix(found)}{new_names[found]}{mark}{rest}"
        )

    _rename(saved, renamed)
    for library in (meta.graph_def.library for meta in saved.meta_graphs):
        library.function.sort(key=lambda function: function.signature.name)
        _forget_captures(library)
    (path / GRAPH_FILE).write_bytes(saved.SerializeToString(deterministic=True))


def _forget_captures(library: Any) -> None:
    for function in library.function:
        for argument in function.arg_attr.values():
            if argument.attr[USER_NAME].s.isdigit() or not argument.attr[USER_NAME].s:
                del argument.attr[USER_NAME]


def _rename(message: Any, renamed: Callable[[str], str]) -> None:
    """Rename all strings in a message in place, keys of its maps among them."""
    for field, value in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            _rename_map(value, renamed)
        elif field.type == field.TYPE_MESSAGE:
            for part in value if field.is_repeated else [value]:
                _rename(part, renamed)
        elif field.type == field.TYPE_STRING and field.is_repeated:
            value[:] = [renamed(text) for text in value]
        elif field.type == field.TYPE_STRING:
            setattr(message, field.name, renamed(value))


def _rename_map(entries: Any, renamed: Callable[[str], str]) -> None:
    for key in list(entries):
        new, value = renamed(key) if isinstance(key, str) else key, entries[key]
        if hasattr(value, "ListFields"):
            _rename(value, renamed)
            if new != key:
                entries[new].CopyFrom(value)
        elif isinstance(value, str):
            entries[new] = renamed(value)
        elif new != key:
            entries[new] = value
        if new != key:
            del entries[key]
