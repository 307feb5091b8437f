"""zoo/export/operations.py: a graph that touches files is not opened."""

import json
import shutil

import pytest

from ensembles.seals import sealed
from zoo import load_saved_model
from zoo.export.manifest import hashes
from zoo.export.operations import check_operations

pytestmark = pytest.mark.fits


@pytest.fixture
def forged(exported, tmp_path):
    """An export whose graph writes a file, with a manifest that fits it."""
    import tensorflow as tf

    class Graph(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 16, 16, 3), tf.uint8, name="images")])
        def serve(self, images):
            tf.io.write_file(str(tmp_path / "written"), "x")
            return {"probabilities": tf.ones((tf.shape(images)[0], 3))}

    graph = Graph()
    folder = tmp_path / "model"
    tf.saved_model.save(graph, str(folder), signatures={"serving_default": graph.serve})
    record = json.loads((exported / "manifest.json").read_text())
    del record["seal"]
    (folder / "manifest.json").write_text(json.dumps(sealed(record | {"files": hashes(folder)}, 1, "manifest_format")))
    return folder


def test_a_graph_that_writes_files_is_refused(forged):
    with pytest.raises(ValueError, match="WriteFile"):
        load_saved_model(forged)


def test_exports_have_none_of_these_operations(exported):
    check_operations(exported)


def test_what_is_no_graph_is_refused(exported, tmp_path):
    copy = shutil.copytree(exported, tmp_path / "copy")
    (copy / "saved_model.pb").write_bytes(b"no graph")
    with pytest.raises(ValueError, match="graph"):
        check_operations(copy)
    record = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(record | {"classes": ["a", "b", "c"]}))
    with pytest.raises(ValueError, match="changed"):
        load_saved_model(copy)
