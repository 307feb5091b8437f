"""Networks of KerasHub with random weights or from a preset, written out for the size of the images."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.models.preprocessing import IMAGENET_DEVIATION, IMAGENET_MEAN

if TYPE_CHECKING:
    import keras

    from zoo.models.registry import PixelConvention

Shape = tuple[int, int, int]
SQUARE = (
    "DINOV2Backbone",
    "SigLIPVisionEncoder",
    "SwinTransformerBackbone",
)  # whose images have to be square in KerasHub, though not here
ANOTHER = "a preset of another network: "  # how the message about one begins
LEAN = "absl-py kagglehub packaging regex rich safetensors sentencepiece tokenizers"
HALF = np.full(3, 0.5)
SCALES = {"tf": (HALF, HALF), "torch": (IMAGENET_MEAN, IMAGENET_DEVIATION)}  # mean and deviation of pixels of 0 to 1
NORMALISED = (  # files of presets, the section, and the entries of both: Transformers' and timm's
    ("preprocessor_config.json", "", ("image_mean", "image_std")),
    ("config.json", "pretrained_cfg", ("mean", "std")),
)
REMEDY = (
    "Install it: pip install 'ensemble-zoo[hub]'; or lean, without its packages for text: "
    f"pip install --no-deps 'keras-hub>=0.32' && pip install {LEAN}."
)


def keras_hub() -> Any:
    """Import KerasHub.

    Raises:
        ImportError: it is not installed, or one of the packages that it imports; the message has the line to type.
    """
    with _told():
        import keras_hub
    return keras_hub


@contextmanager
def _told() -> Iterator[None]:
    """Say what to install where a package is missing: KerasHub imports some only when they are used."""
    try:
        yield
    except ImportError as error:
        raise ImportError(f"Expected KerasHub for this backbone; received: {error} {REMEDY}") from error


def fresh(network: str, options: Mapping[str, Any], shape: Shape, features: str) -> keras.Model:
    """Build a network with random weights.

    Args:
        network: the class's name in ``keras_hub.models``.
        options: of the class.
        shape: ``(height, width, 3)`` of the images.
        features: what comes out, as in :class:`zoo.models.backbones.hub_network.HubNetwork`.
    """
    kind = getattr(keras_hub().models, network)
    with _quietly():
        return finished(kind(**_sized(network, options, shape)), shape, features)


def from_preset(
    network: str, options: Mapping[str, Any], preset: str, shape: Shape, features: str, pixels: PixelConvention
) -> keras.Model:
    """Build a network from a preset: a folder, a name or a handle, as KerasHub takes them.

    Args:
        network: the class's name in ``keras_hub.models``.
        options: which it has to have.
        preset: the preset.
        shape: ``(height, width, 3)`` of the images.
        features: what comes out.
        pixels: how the backbone's pixels are scaled.

    Raises:
        ImportError: KerasHub is not installed, or what it reads this preset with.
        ValueError: a preset of another network, or of one that was trained on pixels that are scaled otherwise.
        Exception: whatever KerasHub raises where it cannot read or download it.
    """
    import keras

    kind = keras_hub().models.Backbone
    with _quietly(), _told():
        own = _left_out(preset) | {"dtype": keras.config.dtype_policy().name}
        hub = kind.from_preset(preset, **own)
        found = getattr(hub, "vision_encoder", hub)  # of SigLIP, whose presets have a tower for text beside it
        _check(found, network, options)
        _check_pixels(preset, pixels)
        return finished(found, shape, features)


def _left_out(preset: str) -> dict[str, Any]:
    """What KerasHub's converter of Transformers' ViT leaves out: the epsilon of the norms."""
    from keras_hub.src.utils.preset_utils import load_json  # has no public name

    config = load_json(preset)
    if config.get("model_type") == "vit" and "layer_norm_eps" in config:
        return {"layer_norm_epsilon": config["layer_norm_eps"]}
    return {}


def _check(hub: Any, network: str, options: Mapping[str, Any]) -> None:
    """Weights of another number of heads would fit too."""
    if type(hub).__name__ != network:
        raise ValueError(f"{ANOTHER}expected a {network}, received a {type(hub).__name__}")
    for name, wanted in options.items():
        found = getattr(hub, name, wanted)
        if _plain(found) != _plain(wanted):
            raise ValueError(f"{ANOTHER}expected {name} of {wanted}, received {found}")


def _check_pixels(preset: str, pixels: PixelConvention) -> None:
    """Check the mean and the deviation of pixels of 0 to 1 that Transformers' presets, and timm's, say."""
    wanted = SCALES.get(pixels)
    for name, section, keys in NORMALISED:
        try:
            found = _read_json(preset, name)
        except Exception:  # whatever KerasHub raises for a file that a preset does not have
            continue
        own = (found.get(section) or {}) if section else found
        said: Any = [own.get(key) for key in keys]
        if wanted and all(said) and not np.allclose(said, wanted, atol=5e-3):
            raise ValueError(
                f"{ANOTHER}{name} says pixels of mean, deviation {said}, expected {np.array(wanted).tolist()}"
            )


def _read_json(preset: str, name: str) -> dict[str, Any]:
    from keras_hub.src.utils.preset_utils import load_json  # has no public name

    found: dict[str, Any] = load_json(preset, name)
    return found


def _plain(value: Any) -> Any:
    """Sequences as lists; a patch is a square."""
    plain = [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value
    return plain[0] if isinstance(plain, list) and len(plain) == 2 and plain[0] == plain[1] else plain


def finished(hub: keras.Model, shape: Shape, features: str) -> keras.Model:
    """Write a network of KerasHub out for images of a shape, up to what the published classifier takes."""
    from zoo.models.hub import attention_parts, mobile_parts, window_parts  # noqa: F401, they enter their parts
    from zoo.models.hub.parts import Writer
    from zoo.models.hub.written_out import written_out

    def end(writer: Writer, outputs: Any) -> Any:
        from zoo.models.hub.token_layers import PooledTokens

        if isinstance(outputs, dict):  # a pyramid: the last stage
            outputs = outputs[list(outputs)[-1]]
        if features == "all":
            return outputs
        return PooledTokens(features, writer.prefix, name="features", dtype=hub.dtype_policy)(outputs)  # type: ignore[arg-type]

    return written_out(hub, shape, end)


def _sized(network: str, options: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """Add the size of the images; positions are made for it, or for a square around it."""
    side = max(shape[:2])
    if network == "SwinTransformerBackbone":  # fails at sizes of which its window covers less than one stage
        side = 32 * options["window_size"]
    square = (side, side, 3)
    if network == "DINOV2Backbone":
        return {**options, "image_shape": square, "position_embedding_shape": square}
    return {**options, "image_shape": square if network in SQUARE else shape}


@contextmanager
def _quietly() -> Iterator[None]:
    """KerasHub's Swin passes on masks that nothing reads, and Keras warns of it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*does not support masking", category=UserWarning)
        yield
