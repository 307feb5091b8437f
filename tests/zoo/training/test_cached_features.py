"""zoo/training/cached_features.py: a network in two parts, and what is kept of the first."""

import re

import numpy as np
import pytest

from zoo import Head
from zoo.augment import make_policy
from zoo.data.views import Array, View
from zoo.models.assembly import assemble, tail, trunk
from zoo.models.plan import Plan
from zoo.training.cached_features import cached_features

pytestmark = pytest.mark.fits


def _network(backbone, **options):
    return assemble(Plan(backbone=backbone, classes=3, image_size=16, weights=None, **options))


@pytest.fixture
def flat(own_register):
    import keras

    from zoo.models import registry

    @registry.register(pixels="torch", min_size=8, parameters=0)
    def flat(input_shape):
        images = keras.Input(input_shape)
        return keras.Model(images, keras.layers.Flatten()(keras.layers.Conv2D(2, 3, strides=4)(images)))

    return "flat"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"high_pass": True, "resize": 24},
        {"head": Head(units=(5, 4), batch_norm=True, pooling="max")},
    ],
)
def test_the_two_parts_are_the_network(tiny, blobs, options):
    network = _network(tiny, **options)
    parts = tail(network)(trunk(network)(blobs.pixels[:8]))
    np.testing.assert_allclose(parts, network(blobs.pixels[:8]), rtol=1e-5, atol=1e-6)


def test_flat_features_need_no_pooling(flat, blobs):
    network = _network(flat)
    assert trunk(network).output_shape == (None, 32)
    parts = tail(network)(trunk(network)(blobs.pixels[:8]))
    np.testing.assert_allclose(parts, network(blobs.pixels[:8]), rtol=1e-5, atol=1e-6)


def test_the_parts_share_the_networks_weights(tiny):
    network = _network(tiny)
    own = {id(weight) for weight in network.weights}
    assert {id(weight) for part in (trunk(network), tail(network)) for weight in part.weights} == own


def test_a_file_that_was_cut_is_made_again(tiny, blobs, tmp_path):
    body = trunk(_network(tiny))
    whole = np.array(cached_features(body, blobs, ["body", "blobs"], "float16", tmp_path).rows)
    (file,) = tmp_path.glob("*.npy")
    file.write_bytes(file.read_bytes()[:500])
    np.testing.assert_array_equal(cached_features(body, blobs, ["body", "blobs"], "float16", tmp_path).rows, whole)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-6), ("float16", 1e-3)])
def test_features_are_kept_and_found(tiny, blobs, tmp_path, monkeypatch, dtype, tolerance):
    body = trunk(_network(tiny))
    kept = cached_features(body, blobs, ["body", "blobs"], dtype, tmp_path)
    rows = np.array([3, 90])
    np.testing.assert_allclose(kept.take(rows), body(blobs.pixels[rows]), rtol=tolerance, atol=tolerance)
    assert isinstance(kept.rows, np.memmap)
    assert kept.rows.dtype == dtype
    monkeypatch.setattr(type(body), "predict", None)  # would fail if it were called
    again = cached_features(body, blobs, ["body", "blobs"], dtype, tmp_path)
    np.testing.assert_array_equal(again.rows, kept.rows)


def test_other_pictures_or_types_have_features_of_their_own(tiny, blobs, tmp_path):
    body = trunk(_network(tiny))
    cached_features(body, blobs, ["body", "blobs"], "float16", tmp_path)
    cached_features(body, View(blobs, make_policy("flips"), (0,)), ["body", "flips"], "float16", tmp_path)
    cached_features(body, blobs, ["body", "blobs"], "float32", tmp_path)
    assert len(list(tmp_path.glob("*.npy"))) == 3


def test_what_float16_cannot_hold_is_cut_off(tiny, blobs, tmp_path):
    network = _network(tiny)
    network.get_layer("backbone").get_layer("conv_2").set_weights([np.full((3, 3, 8, 16), 1e6, np.float32)])
    kept = cached_features(trunk(network), blobs, [], "float16", tmp_path)
    assert np.isfinite(kept.rows).all()
    assert kept.rows.max() == np.finfo(np.float16).max


def test_where_nothing_can_be_written_features_stay_in_memory(tiny, blobs, tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    kept = cached_features(trunk(_network(tiny)), blobs, [], "float16", tmp_path / "file" / "features")
    assert isinstance(kept, Array)
    assert len(kept) == len(blobs)
    assert re.search("features.*memory", caplog.text)


@pytest.mark.parametrize("count", [1, 64, 65, 150])
def test_every_batch_is_full_and_every_row_is_computed(tiny, blobs, tmp_path, monkeypatch, count):
    monkeypatch.setattr("zoo.training.cached_features.CHUNK", 128)
    body, read = trunk(_network(tiny)), []

    class Watched(Array):
        def take(self, rows):
            read.append(len(rows))
            return super().take(rows)

    pixels = np.resize(blobs.pixels, (count, *blobs.pixels.shape[1:]))
    features = cached_features(body, Watched(pixels), ["rows"], "float32", tmp_path)
    np.testing.assert_allclose(features.rows, body.predict_on_batch(pixels), rtol=1e-5, atol=1e-6)
    assert set(read) == {min(count, 64)}
