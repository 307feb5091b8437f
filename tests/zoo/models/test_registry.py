"""zoo/models/registry.py and what of the zoo can be asked without Keras."""

import subprocess
import sys

import keras
import numpy as np
import pytest

import zoo
from zoo import build, names, spec
from zoo.models import registry

ASK = """
import sys
import zoo
assert len(zoo.names()) > 40 and zoo.spec("vgg16").family == "VGG"
loaded = [name for name in ("keras", "tensorflow") if name in sys.modules]
sys.exit(f"imported: {loaded}" if loaded else 0)
"""


def _five_lines():
    @registry.register(pixels="inside", min_size=8)
    def five_lines(input_shape, weights=None):
        images = keras.Input(input_shape)
        return keras.Model(images, keras.layers.Conv2D(4, 3, activation="relu")(images))


def test_asking_the_register_imports_neither_keras_nor_tensorflow():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_front_door_names_what_it_lacks():
    with pytest.raises(AttributeError, match=r"'bulid'.*build"):
        zoo.bulid  # noqa: B018
    assert set(zoo.__all__) <= set(dir(zoo))


@pytest.mark.slow
def test_packages_are_there_without_an_import_of_their_own():
    code = "import zoo; zoo.cleaning.find, zoo.plots.curves, zoo.trackers.to_tensorboard, zoo.shift, zoo.data.Splits"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_names_are_in_natural_order():
    expected = ["resnet50", "resnet50_v2", "resnet101", "resnet101_v2", "resnet152", "resnet152_v2"]
    assert names("resnet*", exclude=("*_timm", "*_vd")) == expected


def test_names_are_found_by_glob_and_excluded_by_one_glob_or_several():
    assert names("vgg*", exclude="*19") == ["vgg16"]
    assert names("efficientnet_*", exclude=["*_v2_*", "*_lite*", "*b[1-7]"]) == ["efficientnet_b0"]
    assert names("no_such_*") == []


def test_a_key_is_its_builders_name():
    assert all(spec(name).name == spec(name).builder.__name__ == name for name in names())


def test_every_record_is_complete():
    for record in map(spec, names()):
        assert record.paper
        assert record.family
        assert record.parameters > 0
        assert 0 < record.min_size <= record.image_size


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("denset201", "densenet201"), ("ConvNeXt_Tiny", "convnext_tiny"), ("resnet50v2", "resnet50_v2")],
)
def test_a_mistyped_name_is_answered_with_the_nearest(typed, meant):
    with pytest.raises(ValueError, match=rf"'{typed}'.*mean .*'{meant}'"):
        spec(typed)


def test_a_name_like_no_other_is_answered_with_all_names():
    with pytest.raises(ValueError, match=r"convnext_base, .*, xception"):
        spec("zzz")


def test_a_builder_of_five_lines_is_built_by_name(own_register):
    _five_lines()
    member = build("five_lines", classes=3, image_size=8)
    assert "five_lines" in names()
    assert member.logits(np.zeros((2, 8, 8, 3), np.uint8)).shape == (2, 3)


def test_a_builder_may_be_registered_again_from_the_same_module(own_register):
    _five_lines()
    first = spec("five_lines").builder
    _five_lines()
    assert spec("five_lines").builder is not first


def test_a_name_taken_by_another_module_is_refused(own_register):
    with pytest.raises(ValueError, match=r"'vgg16'.*backbones"):

        @registry.register(pixels="tf")
        def vgg16(input_shape, weights=None): ...


def test_the_decorator_returns_the_builder_unchanged(own_register):
    def plain(input_shape, weights=None): ...

    assert registry.register(pixels="tf")(plain) is plain
