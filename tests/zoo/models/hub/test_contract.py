"""One contract, kept by every family of KerasHub: a backbone is KerasHub's own network, at any size of images."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest

from zoo import Member, build, names, spec
from zoo.export.optimise.stripping import lean
from zoo.models.assembly import BACKBONE, assemble
from zoo.models.plan import Plan
from zoo.training.freezing import rate_scales, unfreeze

pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")  # of KerasHub's Swin

FAMILIES = [
    "vit_tiny",
    "deit_tiny",
    "dinov2_small",
    "dinov2_small_registers",
    "dinov3_small",
    "dinov3_small_plus",
    "siglip2_base",
    "swin_tiny",
    "hgnetv2_b4",
    "mobilenet_v5_300m",
    "resnet18_timm",
    "resnet18_vd",
]
QUICK = {"vit_tiny", "dinov2_small_registers", "siglip2_base", "resnet18_vd"}  # in the default run
TRANSFORMERS = FAMILIES[:7]
CLASSES = 5
SIZE = (40, 60)  # no multiple of a patch
CLOSE = 1e-5  # of the largest number
OWN = ("Attention", "PooledTokens", "Probe", "Rotary", "Tokens", "WindowAttention")


@dataclass
class Case:
    """A backbone with a preset of random weights, and a member of it for images of another size."""

    preset: Any
    member: Member

    @property
    def backbone(self):
        return self.member.model.get_layer(BACKBONE)


def _but_slow(names):
    return [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in names]


@pytest.fixture(scope="module", params=_but_slow(FAMILIES))
def case(request, presets):
    preset = presets(request.param)
    yield Case(preset, build(request.param, CLASSES, image_size=SIZE, weights=preset.folder))
    keras.backend.clear_session()


def _published(preset, images):
    """What KerasHub's own network computes, pooled as the published classifier pools it."""
    inputs = preset.hub.input
    outputs = preset.hub(dict.fromkeys(inputs, images) if isinstance(inputs, dict) else images)
    outputs = np.asarray(list(outputs.values())[-1] if isinstance(outputs, dict) else outputs)
    prefix = 1 + getattr(preset.hub, "num_register_tokens", 0)
    if preset.record.builder.features == "first":
        return outputs[:, 0]
    if preset.record.builder.features == "first_and_mean":
        return np.concatenate([outputs[:, 0], outputs[:, prefix:].mean(axis=1)], axis=-1)
    return outputs


def _assert_close(found, expected, share=CLOSE):
    np.testing.assert_allclose(found, expected, rtol=0, atol=share * np.abs(expected).max())


def test_every_family_is_registered_with_its_licence():
    listed = [spec(name) for name in names() if spec(name).imagenet == "hub"]
    assert {record.builder.network for record in listed} == {spec(name).builder.network for name in FAMILIES}
    assert all(record.licence and record.preset and record.paper for record in listed)
    assert {record.name for record in listed if record.terms} == {*names("dinov3*"), "mobilenet_v5_300m"}


def test_it_is_kerashubs_own_network(case, pixels):
    """At the preset's own size, at which KerasHub takes its images too."""
    preset, side = case.preset, case.preset.side
    member = build(preset.record.name, CLASSES, image_size=side, weights=preset.folder)
    images = pixels(side, side)
    prepared = np.asarray(keras.Model(member.model.input, member.model.get_layer("normalise").output)(images))
    expected = _published(preset, prepared)
    assert np.ptp(expected, axis=0).max() > 0.01 * np.abs(expected).max(), "the reference is blind"
    _assert_close(np.asarray(member.model.get_layer(BACKBONE)(prepared)).reshape(expected.shape), expected)


def test_uint8_of_any_size_comes_in_and_float32_logits_go_out(case, pixels):
    logits = np.asarray(case.member.model(pixels(*SIZE)))
    assert (logits.shape, logits.dtype) == ((4, CLASSES), np.float32)
    assert np.ptp(logits, axis=0).max() > 0
    patch = case.preset.record.multiple
    assert all(side % patch == 0 for side in case.backbone.input_shape[1:3])


def test_its_layers_are_keras_own_or_the_librarys(case):
    foreign = [type(one).__name__ for one in case.backbone.operations if not type(one).__module__.startswith("keras.")]
    assert set(foreign) <= set(OWN)
    assert case.backbone.count_params() > 0


def test_saved_and_loaded_without_kerashub_it_answers_the_same(case, pixels, tmp_path, monkeypatch):
    folder = case.member.save(tmp_path / "member")
    monkeypatch.setitem(__import__("sys").modules, "keras_hub", None)
    images = pixels(*SIZE)
    np.testing.assert_array_equal(np.asarray(Member.load(folder).model(images)), case.member.model(images))


def test_its_weights_file_fits_images_of_another_size(case, tmp_path, pixels):
    file = tmp_path / f"{case.preset.record.name}.weights.h5"
    side = case.preset.side
    case.preset.record.builder.from_preset(str(case.preset.folder), (side, side, 3)).save_weights(file)
    other = build(case.preset.record.name, CLASSES, image_size=SIZE, weights=file)
    found, expected = other.model.get_layer(BACKBONE).get_weights(), case.backbone.get_weights()
    for one, another in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, another, atol=1e-6)


def test_the_lean_network_answers_the_same(case, pixels, in_double):
    network, images = in_double(case.member.model), pixels(*SIZE)
    _assert_close(np.asarray(lean(network)(images)), np.asarray(network(images)), 1e-7)


@pytest.mark.slow
def test_as_saved_model_and_onnx_it_answers_the_same(case, pixels):
    import onnxruntime
    import tensorflow as tf
    import tf2onnx

    network, images = lean(case.member.model), pixels(*SIZE)
    signature = [tf.TensorSpec((None, *SIZE, 3), tf.uint8, name="images")]
    graph = tf.function(lambda images: {"logits": network(images)}, autograph=False, input_signature=signature)
    expected = np.asarray(case.member.model(images))
    _assert_close(graph(images)["logits"].numpy(), expected, 1e-4)
    converted, _ = tf2onnx.convert.from_function(graph, input_signature=signature, opset=17)
    session = onnxruntime.InferenceSession(converted.SerializeToString(), providers=["CPUExecutionProvider"])
    _assert_close(session.run(["logits"], {"images": images})[0], expected, 1e-4)


def test_in_half_precision_logits_are_float32(case, pixels):
    plan = Plan(backbone=case.preset.record.name, classes=CLASSES, image_size=SIZE, weights=case.preset.folder, seed=3)
    half = assemble(plan, "mixed_bfloat16")
    assert half.get_layer(BACKBONE).compute_dtype == "bfloat16" or "bfloat16" in str(half.get_layer(BACKBONE).outputs)
    half.set_weights(case.member.model.get_weights())
    expected = np.asarray(case.member.model(pixels(*SIZE)))
    found = np.asarray(half(pixels(*SIZE)))
    assert found.dtype == np.float32
    _assert_close(found, expected, 0.1)


def test_it_opens_from_a_block_on_and_learns_slower_below(case):
    if case.preset.record.name not in TRANSFORMERS:
        pytest.skip("a network of stages, whose layers have names of their own")
    backbone = case.backbone
    unfreeze(backbone, "block_1", train_batch_norm=False)
    opened = {weight.path.split("/")[-2] for weight in backbone.trainable_weights}
    assert "block_1_" in "".join(opened)
    assert not any(name.startswith(("block_0", "embedding")) for name in opened)
    unfreeze(backbone, "all", train_batch_norm=False)
    weights = backbone.trainable_weights
    scales = dict(
        zip([weight.path.split("/")[-2] for weight in weights], rate_scales(backbone, weights, 0.5), strict=True)
    )
    first = max(scale for name, scale in scales.items() if name.startswith("block_0"))
    assert scales["embedding"] < first <= min(scale for name, scale in scales.items() if name.startswith("block_1"))


def test_a_resize_to_no_whole_patches_is_refused(refused):
    with refused("resize", "14", "100", "112"):
        build("dinov2_small", CLASSES, image_size=96, resize=100, weights=None).model  # noqa: B018


@pytest.mark.parametrize("name", ["vit_tiny", "dinov2_small"])
def test_a_small_image_is_enlarged_to_whole_patches(name):
    plan = Plan(backbone=name, image_size=20).enlarging((20, 20))
    patch = spec(name).multiple
    assert plan.resize[0] % patch == 0
    assert min(plan.resize) >= spec(name).min_size
