"""zoo/training/low_rank.py: small matrices beside dense kernels train, and are added to them in the end."""

import keras
import numpy as np
import pytest

from zoo import Ensemble, Recipe, build, register
from zoo.data import split
from zoo.export.loading import load_saved_model
from zoo.models.assembly import BACKBONE
from zoo.training.freezing import unfreeze
from zoo.training.low_rank import adapt, is_adapted, merged_weights
from zoo.training.mixed_precision import in_precision

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]  # attention takes seconds to compile

QUICK = {"head_epochs": 1, "epochs": 1, "augment": "none", "batch_size": 16, "views": 1, "patience": None}


@pytest.fixture(scope="module")
def dense_net(modules_register):
    """A registered backbone of two blocks of attention on patches, as small as can be."""

    @register(pixels="tf", imagenet="file")
    def dense_net(input_shape, weights=None):
        images = keras.Input(input_shape)
        x = keras.layers.Reshape((-1, 32))(keras.layers.Conv2D(32, 4, strides=4)(images))
        x = x + keras.layers.MultiHeadAttention(2, 16)(x, x)
        x = x + keras.layers.Dense(32, name="out")(keras.layers.Dense(64, activation="gelu")(x))
        x = keras.layers.GlobalAveragePooling1D()(keras.layers.LayerNormalization()(x))
        return keras.Model(images, x)

    return dense_net


@pytest.fixture
def file(dense_net, tmp_path):
    keras.utils.set_random_seed(0)
    path = tmp_path / "dense_net.weights.h5"
    dense_net((16, 16, 3)).save_weights(path)
    return path


@pytest.fixture
def member(file):
    return build("dense_net", 3, image_size=16, weights=file)


def _learn(network, step=0.05):
    random = np.random.default_rng(0)
    for layer in network._flatten_layers():
        if is_adapted(layer):
            layer.lora_kernel_b.assign(random.normal(0, step, layer.lora_kernel_b.shape))


def test_an_adapted_network_predicts_as_before(member, blobs):
    before = np.asarray(member.model(blobs.pixels[:4]))
    copy = in_precision(member.model, member.own_plan, Recipe(adapt="lora", precision="float32"))
    assert copy is not member.model
    np.testing.assert_array_equal(np.asarray(copy(blobs.pixels[:4])), before)


def test_only_the_pairs_of_the_backbone_train(member):
    network = in_precision(member.model, member.own_plan, Recipe(adapt="lora", lora_rank=4, precision="float32"))
    backbone = network.get_layer(BACKBONE)
    unfreeze(backbone, "all", train_batch_norm=False)
    assert {variable.name for variable in backbone.trainable_variables} == {"lora_kernel_a", "lora_kernel_b"}
    assert sum(np.prod(variable.shape) for variable in backbone.trainable_variables) < backbone.count_params() / 2
    unfreeze(backbone, None, train_batch_norm=False)
    assert not backbone.trainable_variables


@pytest.mark.parametrize("rank", [1, 6])
def test_the_rank_is_the_inner_width_of_each_pair(member, rank):
    recipe = Recipe(adapt="lora", lora_rank=rank, precision="float32")
    network = in_precision(member.model, member.own_plan, recipe)
    unfreeze(network.get_layer(BACKBONE), "all", train_batch_norm=False)
    pairs = network.get_layer(BACKBONE).trainable_variables
    assert {weight.shape[-1 if weight.name == "lora_kernel_a" else 0] for weight in pairs} == {rank}


def test_of_the_last_layers_only_their_pairs_train(member):
    network = in_precision(member.model, member.own_plan, Recipe(adapt="lora", precision="float32"))
    unfreeze(network.get_layer(BACKBONE), "out", train_batch_norm=False)
    assert len(network.get_layer(BACKBONE).trainable_variables) == 2


def test_merged_weights_give_the_same_predictions(member, blobs):
    network = in_precision(member.model, member.own_plan, Recipe(adapt="lora", precision="float32"))
    _learn(network)
    expected = np.asarray(network(blobs.pixels[:8]))
    before = np.asarray(member.model(blobs.pixels[:8]))
    member.model.set_weights(merged_weights(network))
    found = np.asarray(member.model(blobs.pixels[:8]))
    assert np.abs(before - expected).max() > 0.01
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_a_trained_member_is_an_ordinary_network(member, blobs, tmp_path):
    kernel = np.asarray(member.model.get_layer(BACKBONE).get_layer("out").kernel)
    norm = member.model.get_layer(BACKBONE).layers[-2].get_weights()
    member.fit(blobs, blobs, Recipe(adapt="lora", learning_rate=1e-2, **QUICK))
    backbone = member.model.get_layer(BACKBONE)
    assert not any(is_adapted(layer) for layer in member.model._flatten_layers())
    change = np.asarray(backbone.get_layer("out").kernel) - kernel
    assert np.abs(change).max() > 0
    assert np.linalg.matrix_rank(change, tol=1e-5) <= 8
    np.testing.assert_array_equal(backbone.layers[-2].get_weights(), norm)
    member.save(tmp_path / "member")


def test_it_resumes_with_its_pairs(file, blobs, tmp_path):
    def fitted(**options):
        member = build("dense_net", 3, image_size=16, weights=file)
        return member.fit(few, few, Recipe(adapt="lora", **{**QUICK, "epochs": 2}), **options)

    few = blobs.subset(np.arange(24))

    class Stopping(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 0 and len(self.model.trainable_variables) > 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fitted(place=tmp_path, callbacks=[Stopping()])
    whole, resumed = fitted(), fitted(place=tmp_path)
    for one, other in zip(whole.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_names_say_how_the_members_of_one_ensemble_are_adapted(file, blobs, tmp_path, one_rule, checked_here):
    names = ["dense_net", "lora:dense_net", "probe:dense_net"]
    ensemble = Ensemble(names, weights=file, recipe=Recipe(**QUICK), method="soft", store=tmp_path / "run")
    ensemble.fit(split(blobs.subset(np.arange(36))))
    before = build("dense_net", 3, image_size=16, weights=file).model.get_layer(BACKBONE)
    assert [member.name for member in ensemble.members_] == ["dense_net", "dense_net_lora", "dense_net_probe"]
    patches = next(place for place, layer in enumerate(before.layers) if isinstance(layer, keras.layers.Conv2D))
    kernels = [member.model.get_layer(BACKBONE).layers[patches].kernel for member in ensemble.members_]
    changed = [np.abs(kernel - before.layers[patches].kernel).max() > 0 for kernel in kernels]
    assert changed == [True, False, False]  # a convolution has no pair
    exported = load_saved_model(ensemble.export(tmp_path / "model"))
    np.testing.assert_allclose(exported.predict_proba(blobs.pixels), ensemble.predict_proba(blobs.pixels), atol=1e-5)


def test_without_pretrained_weights_it_is_refused(dense_net, blobs, refused):
    with refused("adapt='lora'", "weights="):
        build("dense_net", 3, image_size=16, weights=None).fit(blobs, blobs, Recipe(adapt="lora", **QUICK))


def test_a_backbone_without_dense_layers_is_refused(refused):
    network = build("simple_cnn", 3, image_size=16).model
    with refused("adapt='lora'", "simple_cnn", "adapt='tune'"):
        adapt(network, 8)


def test_a_rank_without_lora_is_refused(refused):
    with refused("lora_rank", "4", "adapt"):
        Recipe(lora_rank=4)
    with refused("train_batch_norm", "lora"):
        Recipe(adapt="lora", train_batch_norm=True)
    assert "adapt" not in Recipe().as_dict()
    assert Recipe(adapt="lora").as_dict()["adapt"] == "lora"
