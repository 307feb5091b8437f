"""zoo/models/pretrained.py: where pretrained weights come from, and what is refused."""

import hashlib
import os
import shutil

import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from keras.src.utils import file_utils

from zoo import build, spec
from zoo.models import pretrained as weights
from zoo.models import registry
from zoo.models.pretrained import WeightsNotFoundError
from zoo.models.weights_file import fingerprint

pytestmark = pytest.mark.fits

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def no_folder_from_outside(monkeypatch):
    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)


@pytest.fixture
def folder(tmp_path):
    """A folder of empty files: what is found is decided by their names alone."""

    def make(*files):
        for file in files:
            (tmp_path / file).touch()
        return tmp_path

    return make


def _first_kernel(member):
    return member.model.get_layer("backbone").get_weights()[0]


def test_none_means_random_weights():
    assert weights.locate(spec("vgg16"), None) is None


def test_auto_is_none_for_a_backbone_without_imagenet_weights():
    assert weights.locate(spec("simple_cnn"), "auto") is None


def test_auto_and_imagenet_are_the_download_where_no_folder_is_given():
    assert weights.locate(spec("vgg16"), "auto") == weights.KERAS_DOWNLOAD
    assert weights.locate(spec("vgg16"), "imagenet") == weights.KERAS_DOWNLOAD


def test_a_folder_comes_before_the_download(folder):
    place = folder("vgg16.weights.h5")
    assert weights.locate(spec("vgg16"), folder=place) == place / "vgg16.weights.h5"
    assert weights.locate(spec("vgg19"), folder=place) == weights.KERAS_DOWNLOAD


def test_the_environment_names_a_folder_and_the_argument_overrides_it(folder, monkeypatch, tmp_path):
    place = folder("vgg16.weights.h5")
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(place))
    assert weights.locate(spec("vgg16")) == place / "vgg16.weights.h5"
    other = tmp_path / "other"
    other.mkdir()
    assert weights.locate(spec("vgg16"), folder=other) == weights.KERAS_DOWNLOAD


def test_weights_may_be_a_file_or_a_folder(folder):
    place = folder("any_name.weights.h5", "vgg16-v1.weights.h5")
    assert weights.locate(spec("vgg16"), place / "any_name.weights.h5") == place / "any_name.weights.h5"
    assert weights.locate(spec("vgg16"), str(place)) == place / "vgg16-v1.weights.h5"


def test_a_home_folder_is_understood(folder, monkeypatch):
    place = folder("vgg16.weights.h5")
    monkeypatch.setenv("HOME", str(place))
    assert weights.locate(spec("vgg16"), "~/vgg16.weights.h5") == place / "vgg16.weights.h5"


def test_a_file_belongs_to_the_longest_name(folder):
    place = folder("mobilenet_v2_035.weights.h5")
    assert weights.locate(spec("mobilenet_v2_035"), place).name == "mobilenet_v2_035.weights.h5"
    for other in ("mobilenet_v2", "mobilenet"):
        with pytest.raises(WeightsNotFoundError):
            weights.locate(spec(other), place)


def test_the_owner_of_a_file_may_be_a_users_builder(folder, own_register):
    place = folder("xception_to_block13.weights.h5")
    assert weights.locate(spec("xception"), place) is not None

    @registry.register(pixels="tf", imagenet="file")
    def xception_to_block13(input_shape, weights=None): ...

    assert weights.locate(spec("xception_to_block13"), place) is not None
    with pytest.raises(WeightsNotFoundError):
        weights.locate(spec("xception"), place)


def test_several_files_are_refused_unless_one_has_the_very_name(folder):
    place = folder("vgg16-a.weights.h5", "vgg16-b.weights.h5")
    with pytest.raises(ValueError, match=r"vgg16-a.weights.h5, vgg16-b.weights.h5"):
        weights.locate(spec("vgg16"), place)
    folder("vgg16.weights.h5")
    assert weights.locate(spec("vgg16"), place).name == "vgg16.weights.h5"


def test_imagenet_weights_of_a_backbone_without_any_are_refused():
    with pytest.raises(ValueError, match=r"'simple_cnn'.*ImageNet"):
        weights.locate(spec("simple_cnn"), "imagenet")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsNotFoundError, match=r"gone\.h5"):
        weights.locate(spec("vgg16"), tmp_path / "gone.h5")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(WeightsNotFoundError, match=r"folder.*gone"):
        weights.locate(spec("vgg16"), folder=tmp_path / "gone")


def test_a_folder_without_the_file_says_what_was_wanted_and_where(tmp_path):
    with pytest.raises(WeightsNotFoundError, match=rf"vgg16\*\.weights\.h5.*{tmp_path}.*weights=None"):
        weights.locate(spec("vgg16"), tmp_path)


def test_weights_that_come_in_files_only_need_a_folder(tiny, tmp_path):
    with pytest.raises(WeightsNotFoundError, match=r"weights_dir.*ZOO_WEIGHTS"):
        weights.locate(spec(tiny))
    with pytest.raises(WeightsNotFoundError, match=str(tmp_path)):
        weights.locate(spec(tiny), folder=tmp_path)


def test_no_network_names_the_file_the_folder_and_the_cache(monkeypatch, tmp_path):
    def offline(*_, **__):
        raise Exception("URL fetch failure on https://storage.example/vgg16.h5: None -- no route to host")

    monkeypatch.setattr(file_utils, "get_file", offline)
    member = build("vgg16", 3, image_size=32, weights="imagenet", weights_dir=tmp_path)
    message = rf"vgg16\*\.weights\.h5.*{tmp_path}.*cache.*URL"
    with pytest.raises(WeightsNotFoundError, match=message):
        member.model  # noqa: B018


def test_a_fault_that_is_no_missing_network_is_not_hidden(monkeypatch):
    def corrupt(*_, **__):
        raise ValueError("Incomplete or corrupted file detected.")

    monkeypatch.setattr(file_utils, "get_file", corrupt)
    with pytest.raises(ValueError, match="corrupted"):
        build("vgg16", 3, image_size=32).model  # noqa: B018


def test_a_file_of_weights_is_what_the_member_starts_from(tiny, tiny_file):
    from_path = build(tiny, 3, image_size=16, weights=tiny_file)
    from_folder = build(tiny, 3, image_size=20, weights_dir=tiny_file.parent)
    random = build(tiny, 3, image_size=16, weights=None)
    np.testing.assert_array_equal(_first_kernel(from_path), _first_kernel(from_folder))
    assert not np.array_equal(_first_kernel(from_path), _first_kernel(random))


def test_the_files_that_keras_keeps_in_its_cache_load_by_path(tmp_path):
    import h5py

    source = spec("mobilenet_025").builder((32, 32, 3))
    with h5py.File(tmp_path / "mobilenet_2_5_224_tf_no_top.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, source)
    member = build("mobilenet_025", 3, image_size=32, weights=tmp_path / "mobilenet_2_5_224_tf_no_top.h5")
    for found, expected in zip(member.model.get_layer("backbone").get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("holder", "asker"),
    [("simple_cnn_regularized", "simple_cnn"), ("simple_cnn", "simple_cnn_regularized"), ("vgg19", "vgg16")],
)
def test_the_file_of_another_network_is_refused(holder, asker, tmp_path):
    path = tmp_path / "some.weights.h5"
    spec(holder).builder((32, 32, 3)).save_weights(path)
    with pytest.raises(ValueError, match=rf"some\.weights\.h5.*'{asker}'"):
        build(asker, 3, image_size=32, weights=path).model  # noqa: B018


def test_a_file_with_the_classifier_is_refused(tiny, tmp_path):
    backbone = spec(tiny).builder((16, 16, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    keras.Model(backbone.input, keras.layers.Dense(4)(pooled)).save_weights(tmp_path / "tiny.weights.h5")
    with pytest.raises(ValueError, match=r"classifier.*10.*12"):
        build(tiny, 3, image_size=16, weights=tmp_path).model  # noqa: B018


def test_a_cut_file_is_refused(tiny, tiny_file):
    tiny_file.write_bytes(tiny_file.read_bytes()[:-3000])
    with pytest.raises(ValueError, match=r"tiny\.weights\.h5.*'tiny'"):
        build(tiny, 3, image_size=16, weights=tiny_file).model  # noqa: B018


def _list_hash(file, digest):
    (file.parent / "SHA256SUMS").write_text(f"{'0' * 64}  other.h5\n\nno entry\n{digest} *{file.name}\n")


def test_a_listed_hash_is_checked(tiny, tiny_file):
    _list_hash(tiny_file, hashlib.sha256(tiny_file.read_bytes()).hexdigest().upper())
    assert build(tiny, 3, image_size=16, weights=tiny_file).model is not None
    _list_hash(tiny_file, "0" * 64)
    with pytest.raises(ValueError, match=r"SHA256SUMS.*0{64}.*\w{64}"):
        build(tiny, 3, image_size=16, weights=tiny_file).model  # noqa: B018


def test_a_file_without_a_listed_hash_is_taken(tiny, tiny_file):
    (tiny_file.parent / "SHA256SUMS").write_text(f"{'0' * 64}  other.h5\n")
    assert build(tiny, 3, image_size=16, weights=tiny_file).model is not None


def test_a_fingerprint_follows_the_content(tmp_path):
    first, second = tmp_path / "a.weights.h5", tmp_path / "b.weights.h5"
    first.write_bytes(b"weights")
    shutil.copy(first, second)
    assert fingerprint(first) == fingerprint(second)
    second.write_bytes(b"others")
    os.utime(second, ns=(1, 1))
    assert fingerprint(first) != fingerprint(second)
    assert fingerprint(None) == "None"


@pytest.mark.needs_shared
@pytest.mark.parametrize(
    "name",
    [
        "mobilenet_025",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("mobilenet_v2", "mobilenet_v2_035", "efficientnet_lite0", "efficientnet_lite2")
        ),
    ],
)
def test_the_real_files_load_and_change_the_answers(name, shared):
    real = build(name, 5, image_size=96, weights_dir=shared / "weights")
    random = build(name, 5, image_size=96, weights=None)
    random.model.get_layer("head").set_weights(real.model.get_layer("head").get_weights())
    difference = np.abs(np.asarray(real.model(IMAGES)) - np.asarray(random.model(IMAGES)))
    assert difference.max() > 0.01


@pytest.mark.needs_shared
def test_the_cut_xception_is_not_taken_for_xception(shared):
    with pytest.raises(ValueError, match=r"xception_to_block13\.weights\.h5.*'xception'"):
        build("xception", 5, image_size=96, weights_dir=shared / "weights").model  # noqa: B018


def test_official_weights_of_another_size_are_refused_with_the_size_they_need(own_register):
    @registry.register(pixels="tf", imagenet="keras", image_size=64)
    def sized_net(input_shape, weights=None):
        images = keras.Input(input_shape or (64, 64, 3))
        x = keras.layers.Conv2D(2, 3)(images)
        return keras.Model(images, x if input_shape else keras.layers.Conv2D(2, 3)(x))

    with pytest.raises(ValueError, match=r"\(16, 16\).*resize=64"):
        weights.load(sized_net((16, 16, 3)), spec("sized_net"), "keras")
