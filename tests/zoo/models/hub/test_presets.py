"""Presets of KerasHub: where they are found, what they have to be, and what is said where they are not."""

import json
import logging
import shutil
import sys

import numpy as np
import pytest

from zoo import Recipe, build, spec
from zoo.models import pretrained
from zoo.models.assembly import BACKBONE
from zoo.models.plan import Plan
from zoo.training.mixed_precision import in_precision

pytestmark = pytest.mark.fits


@pytest.fixture
def preset(presets):
    return presets("vit_tiny")


def _weights(member):
    return member.model.get_layer(BACKBONE).get_weights()


def test_a_preset_is_found_in_the_folder_of_weights_by_the_backbones_name(preset, monkeypatch):
    monkeypatch.setenv("ZOO_WEIGHTS", str(preset.folder.parent))
    assert pretrained.locate(preset.record) == preset.folder
    assert pretrained.locate(preset.record, preset.folder.parent) == preset.folder
    found, expected = build("vit_tiny", 3, image_size=64), build("vit_tiny", 3, image_size=64, weights=preset.folder)
    for one, other in zip(_weights(found), _weights(expected), strict=True):
        np.testing.assert_array_equal(one, other)
    assert found.pretrained


def test_without_a_folder_it_is_the_official_preset(preset, monkeypatch):
    monkeypatch.delenv("ZOO_WEIGHTS", raising=False)
    assert pretrained.locate(spec("vit_base")) == "vit_base_patch16_224_imagenet"
    assert pretrained.locate(spec("vit_tiny"), "hf://me/mine") == "hf://me/mine"
    assert pretrained.locate(spec("vit_tiny"), None) is None


def test_a_file_of_weights_is_taken_too(preset, tmp_path):
    file = tmp_path / "vit_tiny_mine.weights.h5"
    preset.record.builder.from_preset(str(preset.folder), (64, 64, 3)).save_weights(file)
    assert pretrained.locate(preset.record, tmp_path) == file
    one = build("vit_tiny", 3, image_size=64, weights=file)
    other = build("vit_tiny", 3, image_size=64, weights=preset.folder)
    for found, expected in zip(_weights(one), _weights(other), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_presets_are_told_apart_by_content(preset, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(preset.folder, copy)
    plans = [Plan(backbone="vit_tiny", classes=3, image_size=64, weights=folder) for folder in (preset.folder, copy)]
    assert plans[0].identity() == plans[1].identity()
    config = json.loads((copy / "config.json").read_text())
    config["config"]["layer_norm_epsilon"] = 1e-3
    (copy / "config.json").write_text(json.dumps(config))
    assert plans[0].identity() != plans[1].identity()


def test_what_a_preset_says_beside_its_weights_holds(preset, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(preset.folder, copy)
    config = json.loads((copy / "config.json").read_text())
    config["config"]["layer_norm_epsilon"] = 1e-3
    (copy / "config.json").write_text(json.dumps(config))
    backbone = build("vit_tiny", 3, image_size=64, weights=copy).model.get_layer(BACKBONE)
    assert backbone.get_layer("ln").epsilon == 1e-3


def test_trained_in_half_precision_it_still_holds(preset, tmp_path):
    """The copy that trains is built from the preset too, and not from the backbone's name."""
    copy = tmp_path / "copy"
    shutil.copytree(preset.folder, copy)
    config = json.loads((copy / "config.json").read_text())
    config["config"]["layer_norm_epsilon"] = 1e-3
    (copy / "config.json").write_text(json.dumps(config))
    member = build("vit_tiny", 3, image_size=64, weights=copy)
    trained = in_precision(member.model, member.own_plan, Recipe(precision="mixed_bfloat16")).get_layer(BACKBONE)
    assert trained.get_layer("ln").epsilon == 1e-3
    assert trained.get_layer("ln").compute_dtype == "bfloat16"


def test_a_worker_gets_the_presets_folder(preset):
    plan = Plan(backbone="vit_tiny", classes=3, image_size=64, weights=preset.folder)
    assert plan.located().weights == str(preset.folder.resolve())
    assert plan.of_preset


def test_a_preset_of_another_network_is_refused(presets, refused):
    with refused("'vit_tiny'", "ViTBackbone", "DeiTBackbone"):
        build("vit_tiny", 3, image_size=64, weights=presets("deit_tiny").folder).model  # noqa: B018


def test_a_preset_with_registers_is_refused_where_there_are_none(presets, shrunk, refused):
    shrunk("dinov2_small")
    with refused("'dinov2_small'", "num_register_tokens", "0", "4"):
        build("dinov2_small", 3, image_size=56, weights=presets("dinov2_small_registers").folder).model  # noqa: B018


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("preprocessor_config.json", {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}),
        ("preprocessor_config.json", {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}),
        ("preprocessor_config.json", {"size": 224}),
    ],
)
def test_a_preset_for_pixels_that_are_scaled_otherwise_is_refused(preset, tmp_path, file, said, refused):
    copy = tmp_path / "copy"
    shutil.copytree(preset.folder, copy)
    (copy / file).write_text(json.dumps(said))
    if said.get("image_mean", [0.5])[0] == 0.5:
        assert _weights(build("vit_tiny", 3, image_size=64, weights=copy))
        return
    with refused("another network", "0.485", file):
        _weights(build("vit_tiny", 3, image_size=64, weights=copy))


def test_a_folder_without_a_preset_says_what_was_wanted(preset, refused, tmp_path):
    with refused("vit_tiny*.weights.h5", "preset's folder vit_tiny/", error=pretrained.WeightsNotFoundError):
        pretrained.locate(preset.record, tmp_path)


def test_a_preset_that_cannot_be_downloaded_is_named(preset, refused, monkeypatch):
    def offline(*_, **__):
        raise ConnectionError("no route to host")

    monkeypatch.setattr("keras_hub.models.Backbone.from_preset", offline)
    monkeypatch.setattr("keras_hub.src.utils.preset_utils.load_json", lambda *_: {})
    words = ("'vit_tiny'", "hf://WinKawaks/vit-tiny-patch16-224", "no route to host", "caches", "weights=None")
    with refused(*words, error=pretrained.WeightsNotFoundError):
        build("vit_tiny", 3, image_size=64, weights="imagenet", weights_dir=None).model  # noqa: B018


def test_without_kerashub_the_error_says_how_to_install_it(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with refused("pip install 'ensemble-zoo[hub]'", "--no-deps", error=ImportError):
        build("vit_base", 3, image_size=64, weights=None).model  # noqa: B018


def test_terms_are_told_once_before_weights_are_used(presets, caplog, monkeypatch):
    preset = presets("dinov3_small")
    monkeypatch.setattr(pretrained, "_told", set())
    with caplog.at_level(logging.WARNING, logger="zoo"):
        for _ in range(2):
            build("dinov3_small", 3, image_size=64, weights=preset.folder).model  # noqa: B018
    assert caplog.text.count("DINOv3 License") == 1


def test_without_weights_there_are_no_terms(presets, caplog, monkeypatch):
    presets("dinov3_small")
    monkeypatch.setattr(pretrained, "_told", set())
    with caplog.at_level(logging.WARNING, logger="zoo"):
        build("dinov3_small", 3, image_size=64, weights=None).model  # noqa: B018
    assert not caplog.text
