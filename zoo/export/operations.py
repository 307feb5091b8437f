"""The operations of a SavedModel that is to be opened: those that touch files, or run Python, are refused.

TensorFlow's graphs are programs: some operations read and write files or call Python, and a graph that classifies
images needs none of them. This keeps mistakes and simple traps out. It is no wall: open the graphs of people whom you
trust.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo.state.export_files import GRAPH_FILE

REFUSED = frozenset(
    {
        *("ReadFile", "WriteFile", "MatchingFiles", "ImmutableConst", "ImportEvent"),
        *("PyFunc", "PyFuncStateless", "EagerPyFunc"),
        *("PrintV2", "DebugIdentity", "DebugIdentityV2", "DebugIdentityV3", "DebugNumericSummaryV2"),
        *("Save", "SaveSlices", "Restore", "RestoreSlice", "LMDBReader", "LookupTableImport"),
        *("InitializeTableFromTextFile", "InitializeTableFromTextFileV2"),
        *("WholeFileReader", "WholeFileReaderV2", "TextLineReader", "TextLineReaderV2"),
        *("TFRecordReader", "TFRecordReaderV2", "FixedLengthRecordReader", "FixedLengthRecordReaderV2"),
    }
)
ENDINGS = ("Dataset", "DatasetV2", "DatasetV3", "FileWriter", "DbWriter", "Summary", "Send", "Recv")


def check_operations(folder: Path) -> None:
    """Check that a SavedModel computes, and does nothing else.

    Raises:
        ValueError: no graph, or one with operations that touch files or run Python.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    model = SavedModel()
    try:
        model.ParseFromString((folder / GRAPH_FILE).read_bytes())
    except DecodeError as error:
        raise ValueError(f"Expected a graph in {folder / GRAPH_FILE}; {error}. Export it again.") from error
    found = sorted({name for name in _operations(model) if name in REFUSED or name.endswith(ENDINGS)})
    if found:
        raise ValueError(
            f"Expected a graph that computes and does nothing else in {folder}; received one that can touch files or "
            f"run other code: {', '.join(found)}. Open only what `zoo export` wrote."
        )


def _operations(model: Any) -> Iterator[str]:
    """The names of all operations of a SavedModel, those in functions included."""
    for meta in model.meta_graphs:
        yield from (node.op for node in meta.graph_def.node)
        for function in meta.graph_def.library.function:
            yield from (node.op for node in function.node_def)
