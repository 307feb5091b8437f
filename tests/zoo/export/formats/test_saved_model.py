"""zoo/export/formats/saved_model.py."""

import keras
import numpy as np
import pytest
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from zoo.data.pictures.pixel_reading import PixelReading
from zoo.export.formats.saved_model import write
from zoo.models.flattening import read

pytestmark = pytest.mark.fits

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3)).astype(np.uint8)


def _model():
    keras.utils.set_random_seed(3)
    images = keras.Input((8, 8, 3), dtype="uint8", name="images")
    x = keras.layers.Rescaling(1 / 255, dtype="float32", name="rescaled")(images)
    x = keras.layers.Conv2D(64, 3, bias_initializer="normal", name="convolution")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pooled")(x)
    logits = keras.layers.Dense(4, name="dense")(x)
    return keras.Model(images, {"logits": logits, "probabilities": keras.ops.softmax(logits)}, name="ensemble")


class Graph:
    """A model's graph, with what else is asked of an ensemble's."""

    def __init__(self, model):
        self._network = read(model)
        self.weights = self._network.weights
        self.image_size = (8, 8)
        self.reading = PixelReading()

    def __call__(self, images):
        return self._network(images)


def _read(path):
    import tensorflow as tf

    return tf.saved_model.load(str(path))


def _bytes(path):
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def test_equal_models_give_equal_bytes_whatever_the_process_did_before(tmp_path):
    import tensorflow as tf

    write(Graph(_model()), tmp_path / "first", "float32", None)
    for number in range(9):
        tf.function(lambda x: x + number).get_concrete_function(tf.TensorSpec(()))  # noqa: B023
    write(Graph(_model()), tmp_path / "second", "float32", None)
    assert _bytes(tmp_path / "first") == _bytes(tmp_path / "second")


def test_what_is_written_answers_like_the_model(tmp_path):
    import tensorflow as tf

    model = _model()
    write(Graph(model), tmp_path / "model", "float32", None)
    written = _read(tmp_path / "model").signatures["serving_default"](images=tf.constant(IMAGES))
    for name, answer in model(IMAGES).items():
        np.testing.assert_allclose(written[name], answer, atol=1e-6)


def test_the_graph_is_there_once_for_both_signatures(tmp_path):
    write(Graph(_model()), tmp_path / "model", "float32", None)
    written = SavedModel.FromString((tmp_path / "model" / "saved_model.pb").read_bytes())
    functions = written.meta_graphs[0].graph_def.library.function
    assert sum(node.op == "Conv2D" for function in functions for node in function.node_def) == 1


@pytest.mark.parametrize(("k", "found"), [(1, 1), (3, 3), (9, 4)])
def test_top_k_answers_the_most_probable_classes_first(tmp_path, k, found):
    import tensorflow as tf

    model = _model()
    write(Graph(model), tmp_path / "model", "float32", None)
    top = _read(tmp_path / "model").signatures["top_k"](images=tf.constant(IMAGES), k=tf.constant(k))
    probabilities = np.asarray(model(IMAGES)["probabilities"])
    best = np.argsort(-probabilities, axis=1)[:, :found]
    np.testing.assert_array_equal(top["classes"], best)
    np.testing.assert_allclose(top["probabilities"], np.take_along_axis(probabilities, best, axis=1), atol=1e-6)


def test_half_takes_half_the_bytes_and_answers_nearly_the_same(tmp_path):
    import tensorflow as tf

    model = _model()
    write(Graph(model), tmp_path / "whole", "float32", None)
    write(Graph(model), tmp_path / "half", "float16", None)
    data = [tmp_path / name / "variables" / "variables.data-00000-of-00001" for name in ("whole", "half")]
    saved = data[0].stat().st_size - data[1].stat().st_size
    assert abs(saved - 2 * 64 * 3 * 9) < 100  # the kernel of the convolution; the others are small
    written = _read(tmp_path / "half").signatures["serving_default"](images=tf.constant(IMAGES))
    np.testing.assert_allclose(written["probabilities"], np.asarray(model(IMAGES)["probabilities"]), atol=1e-3)
    assert np.abs(written["logits"] - np.asarray(model(IMAGES)["logits"])).max() > 0


def test_weights_that_float16_cannot_hold_stay_float32(tmp_path):
    import tensorflow as tf

    model = _model()
    layer = model.get_layer("convolution")
    layer.set_weights([layer.get_weights()[0] * 1e6, layer.get_weights()[1]])
    write(Graph(model), tmp_path / "half", "float16", None)
    written = _read(tmp_path / "half").signatures["serving_default"](images=tf.constant(IMAGES))
    assert np.isfinite(written["logits"]).all()


def test_files_are_answered_like_their_pixels_in_batches_of_any_size(tmp_path):
    import tensorflow as tf

    write(Graph(_model()), tmp_path / "model", "float32", None)
    signatures = _read(tmp_path / "model").signatures
    expected = signatures["serving_default"](images=tf.constant(IMAGES))
    files = tf.stack([tf.io.encode_png(image) for image in IMAGES])
    for some in (files, files[:1]):
        found = signatures["serving_bytes"](image_bytes=some)
        assert found.keys() == expected.keys()
        for name, answer in found.items():
            np.testing.assert_allclose(answer, expected[name][: len(some)], atol=1e-6)
