"""zoo/members/member.py."""

import json
import logging
import weakref
from copy import copy
from dataclasses import replace

import keras
import numpy as np
import pytest

import ensembles
import zoo
from ensembles.seals import sealed
from zoo import Head, Member, Recipe, build
from zoo.data import split
from zoo.export.optimise.stripping import lean
from zoo.training.callbacks import Phased

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]


def _arrays(member, part="backbone"):
    return {"/".join(weight.path.split("/")[-2:]): weight.numpy() for weight in member.model.get_layer(part).weights}


def _moved(member, data, recipe, part="backbone"):
    """Names of the weights that a training moves."""
    before = _arrays(member, part)
    member.fit(data, data, recipe)
    after = _arrays(member, part)
    return {name for name in before if not np.array_equal(before[name], after[name])}


@pytest.fixture(scope="module")
def few(blobs):
    """Images of one step an epoch."""
    return blobs.subset(np.arange(24))


@pytest.fixture
def pretrained(tiny, tiny_file):
    """A member on a backbone with weights from a file."""
    return build(tiny, 3, image_size=16, weights=tiny_file)


def _accuracy(member, data):
    return np.mean(member.predict(data) == data.labels)


def test_a_member_learns(blobs, tiny, compiled):
    recipe = Recipe(head_epochs=0, epochs=8, head_learning_rate=1e-2)
    member = build(tiny, 3, weights=None).fit(blobs, recipe=recipe)
    assert _accuracy(member, blobs) > 0.95
    assert member.classes == ("red", "green", "blue")
    assert member.seconds > 0


def test_simple_cnn_learns(blobs, compiled):
    member = build("simple_cnn", 3).fit(blobs, recipe=Recipe(head_epochs=0, epochs=4, head_learning_rate=3e-3))
    assert _accuracy(member, blobs) > 0.95


def test_the_head_phase_leaves_the_backbone_alone(pretrained, few, quick):
    assert _moved(pretrained, few, replace(quick, epochs=0)) == set()
    assert pretrained.history[0]["phase"] == "head"


def test_the_head_phase_moves_the_head(pretrained, few, quick):
    assert _moved(pretrained, few, replace(quick, epochs=0), "head") == {"logits/kernel", "logits/bias"}


def test_fine_tuning_moves_everything_but_batch_norm(pretrained, few, quick):
    assert _moved(pretrained, few, replace(quick, head_epochs=0)) == {"conv_1/kernel", "conv_2/kernel"}


def test_fine_tuning_moves_the_last_layers_only(pretrained, few, quick):
    assert _moved(pretrained, few, replace(quick, head_epochs=0, unfreeze=3)) == {"conv_2/kernel"}
    assert _moved(pretrained, few, replace(quick, head_epochs=0, unfreeze=1)) == {"conv_2/kernel"}


def test_fine_tuning_moves_a_share_of_the_parameters(pretrained, few, quick):
    assert _moved(pretrained, few, replace(quick, head_epochs=0, unfreeze=0.5)) == {"conv_2/kernel"}


def test_batch_norm_moves_when_asked_to(pretrained, few, quick):
    moved = _moved(pretrained, few, replace(quick, head_epochs=0, unfreeze=2, train_batch_norm=True))
    assert moved == {f"norm_2/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")}


def test_without_pretrained_weights_everything_moves_in_one_phase(tiny, few, quick):
    member = build(tiny, 3, image_size=16, weights=None)
    assert _moved(member, few, quick) == set(_arrays(member))
    assert [record["phase"] for record in member.history] == ["whole", "whole"]


def test_the_history_has_one_record_an_epoch_and_users_callbacks_are_called_in_every_phase(pretrained, few, quick):
    class Spy(Phased):
        def __init__(self):
            super().__init__()
            self.seen = []

        def on_epoch_end(self, epoch, logs=None):
            self.seen.append((self.phase, "val_loss" in logs))

    spy, recipe = Spy(), replace(quick, epochs=2)
    pretrained.fit(few, recipe=recipe, callbacks=[spy])
    assert spy.seen == [("head", True), ("fine-tuning", True), ("fine-tuning", True)]
    assert [(record["phase"], record["epoch"]) for record in pretrained.history] == [
        ("head", 1),
        ("fine-tuning", 1),
        ("fine-tuning", 2),
    ]
    assert {"loss", "accuracy", "val_loss", "val_accuracy"} <= set(pretrained.history[0])


@pytest.mark.slow
def test_the_seed_decides_the_answers(tiny, tiny_file, few, quick):
    def answers(seed):
        return build(tiny, 3, weights=tiny_file, seed=seed).fit(few, recipe=quick).logits(few)

    first = answers(1)
    np.testing.assert_array_equal(answers(1), first)
    assert not np.array_equal(answers(2), first)


def test_an_open_image_size_is_the_datas(tiny, few, quick):
    member = build(tiny, 3, weights=None)
    assert member.image_size == (224, 224)
    assert member.fit(few, recipe=quick).image_size == (16, 16)


def test_a_saved_member_of_open_size_is_still_open(tiny, few, quick, tmp_path):
    build(tiny, 3, weights=None).save(tmp_path / "open")
    assert Member.load(tmp_path / "open").fit(few, recipe=quick).image_size == (16, 16)


def test_data_of_other_classes_is_refused(tiny, blobs):
    with pytest.raises(ValueError, match=r"classes=4.*'tiny'.*classes=3"):
        build(tiny, 4, weights=None).fit(blobs)


def test_images_of_another_size_are_refused(pretrained):
    with pytest.raises(ValueError, match=r"\(16, 16\).*\(16, 20\)"):
        pretrained.logits(np.zeros((1, 16, 20, 3), np.uint8))


def test_logits_do_not_depend_on_the_batch(pretrained, blobs):
    np.testing.assert_allclose(pretrained.logits(blobs), pretrained.logits(blobs, batch_size=7), atol=1e-5)


def test_predictions_are_the_largest_logits(pretrained, blobs):
    with pytest.raises(ensembles.NotFittedError, match="fit"):
        pretrained.predict(blobs)
    fitted = copy(pretrained)
    fitted.fitted = True
    predicted = fitted.predict(blobs)
    assert predicted.dtype == np.int64
    np.testing.assert_array_equal(predicted, pretrained.logits(blobs).argmax(axis=1))


@pytest.mark.parametrize("precision", ["mixed_float16", "mixed_bfloat16"])
def test_what_was_trained_in_mixed_precision_answers_in_float32(pretrained, few, quick, precision):
    before = pretrained.model.get_weights()
    pretrained.fit(few, recipe=replace(quick, precision=precision))
    assert pretrained.model.get_layer("backbone").get_layer("conv_1").compute_dtype == "float32"
    assert any((own != other).any() for own, other in zip(pretrained.model.get_weights(), before, strict=True))
    logits = pretrained.logits(few)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()


def test_saved_and_loaded_it_is_the_same_member_and_trains_on_without_the_file_of_its_first_weights(
    pretrained, tiny_file, few, quick, tmp_path
):
    pretrained.fit(few, few, quick)
    assert pretrained.trained_on == 24
    record_file = pretrained.save(tmp_path / "member") / "member.json"
    loaded = Member.load(tmp_path / "member")
    np.testing.assert_array_equal(loaded.logits(few), pretrained.logits(few))
    own = ("name", "fitted", "history", "classes", "class_count", "image_size", "parameters", "seconds", "trained_on")
    for what in own:
        assert getattr(loaded, what) == getattr(pretrained, what), what
    record = json.loads(record_file.read_text())
    del record["trained_on"], record["seal"]  # as earlier versions did not have them
    record_file.write_text(json.dumps(record | {"format": 1}))
    assert Member.load(tmp_path / "member").trained_on is None
    tiny_file.unlink()
    assert len(loaded.fit(few, recipe=quick).history) == 4


def test_what_is_known_of_a_saved_member_is_known_without_its_network(pretrained, tmp_path):
    loaded = Member.load(pretrained.save(tmp_path / "member"))
    assert (loaded.class_count, loaded.image_size, loaded.parameters) == (3, (16, 16), pretrained.parameters)
    assert loaded._model is None


def test_deep_images_are_read_as_those_of_the_training_were(tiny, few, quick, tmp_path):
    deep = np.asarray(few.pixels).astype(np.uint16)[: len(few)] * 16
    member = build(tiny, 3, image_size=16, weights=None).fit((deep, few.labels), recipe=quick)
    low, high = member.reading.depth_range
    loaded = zoo.load((deep, few.labels), depth_range=(low, high)).train
    assert np.array_equal(member.logits(deep), member.logits(loaded))
    again = Member.load(member.save(tmp_path / "deep"))
    assert np.array_equal(again.logits(deep[:5]), member.logits(deep[:5]))


def test_saving_again_replaces_the_folder_and_leaves_nothing_beside(pretrained, tmp_path):
    pretrained.save(tmp_path / "all" / "member")
    pretrained.save(tmp_path / "all" / "member")
    assert [path.name for path in (tmp_path / "all").iterdir()] == ["member"]


def test_it_is_saved_where_a_link_leads_and_home_is_written_out(pretrained, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real").mkdir()
    assert pretrained.save(tmp_path / "link") == pretrained.save("~/link") == tmp_path / "real"
    assert (tmp_path / "link").is_symlink()
    assert Member.load("~/real").name == pretrained.name


def test_a_cut_model_file_is_refused(pretrained, tmp_path):
    file = pretrained.save(tmp_path / "member") / "model.keras"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ValueError, match=r"model\.keras.*changed"):
        Member.load(tmp_path / "member")


def test_a_missing_member_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"member\.json.*model\.keras"):
        Member.load(tmp_path)


def test_a_record_of_another_format_is_refused(pretrained, tmp_path):
    record = pretrained.save(tmp_path / "member") / "member.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"format": 99}))
    with pytest.raises(ValueError, match=r"format 2.*99.*[Uu]pgrade"):
        Member.load(tmp_path / "member")


def test_a_network_that_is_opened_from_disk_is_not_kept(pretrained, blobs, tmp_path):
    loaded = Member.load(pretrained.save(tmp_path / "member"))
    with loaded.opened():
        network = weakref.ref(loaded.model)
        assert loaded.model is network()
    assert network() is None
    np.testing.assert_array_equal(loaded.logits(blobs), pretrained.logits(blobs))


def test_a_network_in_memory_that_is_opened_stays_as_it_is(pretrained, blobs):
    network, before = pretrained.model, pretrained.logits(blobs)
    with pretrained.opened():
        pass
    assert pretrained.model is network
    assert keras.models.clone_model(network).count_params() == network.count_params()
    np.testing.assert_array_equal(pretrained.logits(blobs), before)


def test_what_it_learned_from_is_known_also_of_a_saved_one(tiny, blobs, tmp_path):
    recipe = Recipe(head_epochs=1, epochs=0, augment="none")
    member = build(tiny, 3, weights=None, seed=4).fit(blobs, recipe=recipe)
    known = Member.load(member.save(tmp_path / "one")).learned_from
    assert known == member.learned_from == frozenset(split(blobs, seed=0).train.digests)
    file = tmp_path / "one" / "learned_from.npy"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"learned_from.*changed.*Copy the member"):
        Member.load(tmp_path / "one")
    file.unlink()
    with pytest.raises(ValueError, match=r"learned_from.*none.*Copy the member"):
        Member.load(tmp_path / "one")


def test_what_a_member_of_an_earlier_version_learned_from_is_checked_by_its_seal_alone(pretrained, tmp_path):
    pretrained.learned_from = frozenset([b"0123456789abcdef"])
    folder = pretrained.save(tmp_path / "one")
    record = json.loads((folder / "member.json").read_text())
    del record["learned_sha256"], record["seal"]
    (folder / "member.json").write_text(json.dumps(sealed(record, 2)))
    assert Member.load(folder).learned_from == pretrained.learned_from
    (folder / "learned_from.npy").unlink()
    assert Member.load(folder).learned_from == frozenset()


def test_a_history_that_diverged_is_saved(pretrained, tmp_path):
    pretrained.fitted, pretrained.history = True, [{"epoch": 1, "loss": float("nan")}, {"epoch": 2, "loss": np.inf}]
    found = Member.load(pretrained.save(tmp_path / "one"))
    assert found.history == [{"epoch": 1, "loss": None}, {"epoch": 2, "loss": None}]


def test_a_member_that_was_read_draws_by_its_seed(tiny, few, tmp_path):
    """As it would anywhere: files hold no random generators."""
    recipe = Recipe(head_epochs=0, epochs=1, augment="none")
    saved = build(tiny, 3, weights=None, head=Head(dropout=0.5)).fit(few, few, recipe).save(tmp_path / "one")
    again = [Member.load(saved).fit(few, few, recipe).logits(few) for _ in range(2)]
    np.testing.assert_array_equal(*again)


def test_callbacks_are_taken_as_keras_takes_them(pretrained, few, refused):
    watcher = keras.callbacks.History()
    pretrained.fit(few, few, Recipe(head_epochs=1, epochs=0, augment="none"), callbacks=watcher)
    assert watcher.history
    for wrong in (keras.callbacks.History, [print]):
        with refused("callbacks", error=TypeError):
            pretrained.fit(few, few, callbacks=wrong)


def test_networks_that_are_trained_one_after_another_bring_no_warnings_of_tensorflow(pretrained, few, caplog):
    theirs = keras.callbacks.LambdaCallback(
        on_train_begin=lambda _: logging.getLogger("tensorflow").warning("triggered tf.function retracing")
    )
    pretrained.fit(few, few, Recipe(head_epochs=1, epochs=0, augment="none"), callbacks=[theirs])
    assert "retracing" not in caplog.text


def test_a_renamed_member_answers_the_same(pretrained, blobs):
    other = pretrained.renamed("other")
    assert (other.name, pretrained.name) == ("other", "tiny")
    np.testing.assert_array_equal(other.logits(blobs), pretrained.logits(blobs))


def test_a_members_text_says_whether_it_can_answer(pretrained):
    assert repr(pretrained) == "<Member tiny, not fitted>"


@pytest.mark.parametrize("choice", [{"high_pass": True}, {"resize": 24}, {"head": Head(units=8, batch_norm=True)}])
def test_every_option_of_build_trains_and_saves(choice, tiny, few, quick, tmp_path):
    member = build(tiny, 3, weights=None, **choice).fit(few, recipe=quick)
    loaded = Member.load(member.save(tmp_path / "member"))
    np.testing.assert_array_equal(loaded.logits(few), member.logits(few))


# members of Keras models from elsewhere


def _softmax_endings():
    return {
        "activation of a dense layer": keras.layers.Dense(3, activation="softmax"),
        "layer": lambda x: keras.layers.Softmax()(keras.layers.Dense(3)(x)),
        "activation layer": lambda x: keras.layers.Activation("softmax")(keras.layers.Dense(3)(x)),
        "operation": lambda x: keras.ops.softmax(keras.layers.Dense(3)(x)),
        "model in a model": keras.Sequential([keras.layers.Dense(3, activation="softmax")]),
    }


def _own(ending, dtype="float32"):
    images = keras.Input((16, 16, 3), dtype=dtype)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(keras.layers.Rescaling(1 / 255)(images)))
    return keras.Model(images, ending(x), name="own")


@pytest.mark.parametrize("ending", _softmax_endings())
def test_the_softmax_of_an_adopted_members_logits_is_the_models_probabilities(ending, blobs):
    model = _own(_softmax_endings()[ending])
    logits = Member.from_keras(model).logits(blobs)
    probabilities = np.asarray(model(blobs.pixels.astype(np.float32)))
    np.testing.assert_allclose(np.asarray(keras.ops.softmax(logits)), probabilities, atol=1e-6)
    assert np.abs(logits - probabilities).max() > 0.1


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_logits_of_an_adopted_model_stay_what_they_are(dtype, blobs):
    model = _own(keras.layers.Dense(3), dtype)
    member = Member.from_keras(model)
    np.testing.assert_allclose(member.logits(blobs), np.asarray(model(blobs.pixels.astype(dtype))), atol=1e-6)
    assert (member.name, member.fitted, member.class_count) == ("own", True, 3)


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_no_layer_of_an_adopted_model_is_hidden_from_the_rewrites(dtype):
    network = lean(Member.from_keras(_own(keras.layers.Dense(3), dtype)).model)
    kinds = [type(link.operation).__name__ for chain in network.chains for link in chain.links]
    assert kinds == ["Rescaling", "Conv2D", "GlobalAveragePooling2D", "Dense"]


def test_an_adopted_sequential_model_is_saved_and_loaded(blobs, tmp_path):
    model = keras.Sequential(
        [keras.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")]
    )
    member = Member.from_keras(model, name="mine")
    loaded = Member.load(member.save(tmp_path / "mine"))
    np.testing.assert_array_equal(loaded.logits(blobs), member.logits(blobs))
    assert (loaded.name, loaded.fitted, loaded.plan) == ("mine", True, None)


def test_a_number_of_classes_is_no_list_of_names(refused):
    with refused("classes", "names", "3"):
        Member.from_keras(_own(keras.layers.Dense(3)), classes=3)


def test_an_adopted_model_is_trained_with_its_own_fit(blobs):
    with pytest.raises(ValueError, match="'own'"):
        Member.from_keras(_own(keras.layers.Dense(3))).fit(blobs)


def _model_of(shape):
    images = keras.Input(shape)
    return keras.Model(images, keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(images)))


@pytest.mark.parametrize("shape", [(16, 16, 1), (None, None, 3)])
def test_a_model_of_other_inputs_is_refused(shape):
    with pytest.raises(ValueError, match=r"\(N, H, W, 3\).*Wrap"):
        Member.from_keras(_model_of(shape))


@pytest.mark.parametrize("ending", [keras.layers.Dense(1), keras.layers.Reshape((2, 2))])
def test_a_model_of_other_outputs_is_refused(ending):
    with pytest.raises(ValueError, match=r"\(N, classes\).*'own'"):
        Member.from_keras(_own(ending))


def test_a_model_that_does_not_know_its_input_is_refused():
    class Subclassed(keras.Model):
        def call(self, images):
            return images

    with pytest.raises(ValueError, match=r"'theirs'.*Wrap"):
        Member.from_keras(Subclassed(name="theirs"))


def test_a_member_takes_arrays_and_a_given_validation_split(tiny, few, quick):
    pixels = few.take(np.arange(len(few)))
    validation = (pixels[:9], few.labels[:9])
    member = build(tiny, 3, weights=None).fit((pixels, few.labels), validation, quick)
    assert member.fitted


def test_a_network_that_is_gone_is_told(pretrained, few, tmp_path, refused):
    pretrained.fit(few, few, Recipe(head_epochs=1, epochs=0)).save(tmp_path / "member")
    loaded = Member.load(tmp_path / "member")
    (tmp_path / "member" / "model.keras").unlink()
    with refused("it is gone", "ensemble.save(path)", error=FileNotFoundError):
        loaded.logits(few)


def test_a_member_that_was_read_and_not_used_can_be_fitted_again(pretrained, few, tmp_path):
    pretrained.fit(few, few, Recipe(head_epochs=1, epochs=0)).save(tmp_path / "member")
    again = Member.load(tmp_path / "member").fit(few, few, Recipe(head_epochs=1, epochs=0))
    assert again.logits(few).shape == (24, 3)
