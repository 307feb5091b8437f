"""zoo/training/data_parallel.py: a step on several devices is that on one."""

import os
import subprocess
import sys
from importlib.util import find_spec

import keras
import numpy as np
import pytest

from zoo.data.batches import Drawing, LabelledBatches, TrainingBatches
from zoo.data.views import CyclicViews
from zoo.training import data_parallel
from zoo.training.data_parallel import device_scope
from zoo.training.recipe import Recipe

SCRIPT = """
import sys
import keras, numpy as np
if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * int(sys.argv[1]))
from zoo import Head, Recipe, build, register
from zoo.data import Splits, as_images

@register(pixels="tf", min_size=4)
def norms(input_shape, weights=None):
    images = keras.Input(input_shape)
    x = keras.layers.Conv2D(8, 3, strides=2, use_bias=False, name="conv_1")(images)
    x = keras.layers.ReLU(name="relu_1")(keras.layers.BatchNormalization(name="norm_1")(x))
    return keras.Model(images, x)

count = int(sys.argv[2])
labels = np.arange(count) % 3
pixels = np.random.default_rng(0).integers(0, 60, (count, 8, 8, 3)) + labels[:, None, None, None] * 80
images = as_images(pixels.astype(np.uint8), labels, ("a", "b", "c"))
recipe = Recipe(head_epochs=1, epochs=0, batch_size=count, augment="none", devices="all", clip_norm=None,
                optimizer="sgd", schedule="constant", warmup=0)
member = build("norms", 3, image_size=8, weights=None, head=Head(dropout=0.0))
before = member.model.get_weights()
member.fit(Splits(images, images.subset(np.arange(count - 3))), recipe=recipe)
after = member.model.get_weights()
assert max(np.abs(a - b).max() for a, b in zip(after, before)) > 1e-3
figures = [member.history[0][name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")]
np.savez(sys.argv[3], *after, np.array(figures), member.logits(images))
"""


@pytest.mark.slow
@pytest.mark.fits
@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_a_step_on_eight_devices_is_that_on_one(backend, tmp_path):
    if find_spec(backend) is None:
        pytest.skip(f"pip install {backend}")

    def trained(devices):
        flags = {"KERAS_BACKEND": backend, "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"}
        out = tmp_path / f"{devices}.npz"
        command = [sys.executable, "-c", SCRIPT, str(devices), "48", str(out)]
        done = subprocess.run(command, env=os.environ | flags, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        with np.load(out) as held:
            return [held[name] for name in held.files]

    for several, one in zip(trained(8), trained(1), strict=True):
        np.testing.assert_allclose(several, one, atol=1e-5)


@pytest.fixture
def eight(monkeypatch):
    monkeypatch.setattr(data_parallel, "_devices", lambda: [f"cpu:{number}" for number in range(8)])


@pytest.mark.parametrize(("size", "advised"), [(20, 16), (30, 32), (3, 8)])
def test_a_batch_that_does_not_divide_is_refused(eight, size, advised):
    refused = pytest.raises(ValueError, match=f"batch_size.*8 devices.*{size}.*batch_size={advised}")
    with refused, device_scope(Recipe(devices="all", batch_size=size)):
        pass


def test_a_teacher_is_refused(eight):
    with pytest.raises(ValueError, match=r"devices.*teacher"), device_scope(Recipe(devices="all"), taught=True):
        pass


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(ValueError, match=r"devices='all'.*torch"), device_scope(Recipe(devices="all")):
        pass


@pytest.mark.parametrize("recipe", [Recipe(batch_size=7), Recipe(devices="all", batch_size=7)])
def test_one_device_needs_no_scope(recipe, monkeypatch):
    monkeypatch.setattr(data_parallel, "_devices", lambda: ["cpu:0"])
    with device_scope(recipe) as count:
        assert count == 1


def test_the_default_is_in_no_key():
    assert "devices" not in Recipe().as_dict()
    assert Recipe(devices="all").as_dict()["devices"] == "all"


@pytest.mark.parametrize("multiple", [1, 2, 5, 8])
def test_batches_to_train_on_divide(blobs, multiple):
    source, how = CyclicViews([blobs]), Drawing(batch_size=40, multiple=multiple)
    batches = TrainingBatches(source, blobs.labels, 3, how)
    sizes = [len(batches[number][0]) for number in range(batches.num_batches)]
    assert sum(sizes) == len(blobs) // multiple * multiple
    assert not any(size % multiple for size in sizes)


def test_fewer_images_than_devices_are_refused(blobs):
    few = blobs.subset(np.arange(3))
    with pytest.raises(ValueError, match="8 images"):
        TrainingBatches(CyclicViews([few]), few.labels, 3, Drawing(batch_size=8, multiple=8))


@pytest.mark.parametrize("balanced", [False, True])
def test_batches_to_validate_with_divide_and_weigh_the_same(blobs, balanced):
    images = blobs.subset(np.arange(1, 92))

    def mean(multiple):
        batches = LabelledBatches(images, images, 40, balanced=balanced, multiple=multiple)
        parts = [batches[number] for number in range(batches.num_batches)]
        assert not any(len(part[0]) % multiple for part in parts)
        pixels, targets, weights = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        losses = pixels.mean(axis=(1, 2, 3)) + targets @ [1, 2, 3]
        return (losses * weights).mean(), weights @ targets / weights.sum()

    for several, one in zip(mean(8), mean(1), strict=True):
        np.testing.assert_allclose(several, one, rtol=1e-6)
