"""What happens to pixels before the backbone sees them, as layers of the graph.

uint8 images of 0 to 255 come in; float32 images in the backbone's own convention go out. All of it is part of
the network, so that preprocessing can be neither forgotten, nor done twice, nor lost at export.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

    from zoo.models.registry import PixelConvention

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406])  # RGB, of pixels in 0 to 1
IMAGENET_DEVIATION = np.array([0.229, 0.224, 0.225])
CAFFE_MEAN = np.array([103.939, 116.779, 123.68])  # BGR, of pixels in 0 to 255

BLUR = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
RADIUS = 2
GAIN = 4.0  # details of cells are some ten grey levels: without it they are lost on a network made for 0 to 255
GREY = 127.5
CAST = "cast"  # name of the layer that makes floats of bytes


def cast(images: keras.KerasTensor) -> keras.KerasTensor:
    """Turn uint8 images into float32 ones of the same values."""
    from keras import layers

    return layers.Rescaling(1.0, dtype="float32", name=CAST)(images)


def high_pass(images: keras.KerasTensor) -> keras.KerasTensor:
    """Keep what differs from the neighbourhood: an image less its 5x5 binomial blur, four times, around mid-grey.

    This is the finest band of a Laplacian pyramid (Burt and Adelson, 1983), the fixed filter that the second
    report puts before its networks because its classes differ by details and not by the global pattern.
    Borders are reflected, so that they do not look like edges, and values end at 0 and 255.
    """
    import keras
    from keras import layers

    channels = images.shape[-1]
    identity = np.pad([[1.0]], RADIUS)
    kernel = np.repeat(GAIN * (identity - BLUR)[:, :, None, None], channels, axis=2)
    padded = keras.ops.pad(images, [(0, 0), (RADIUS, RADIUS), (RADIUS, RADIUS), (0, 0)], mode="reflect")
    fixed = layers.DepthwiseConv2D(len(BLUR), trainable=False, dtype="float32", name="high_pass")
    fixed.build(padded.shape)
    fixed.set_weights([kernel, np.full(channels, GREY)])
    return keras.ops.clip(fixed(padded), 0.0, 255.0)


def resize(images: keras.KerasTensor, size: tuple[int, int]) -> keras.KerasTensor:
    """Resize to ``(height, width)`` bilinearly, smoothed first where it shrinks."""
    from keras import layers

    shrinks = size[0] < images.shape[1] or size[1] < images.shape[2]
    resizing = layers.Resizing(*size, interpolation="bilinear", antialias=shrinks, dtype="float32", name="resize")
    return resizing(images, training=False)  # its default, True, would reach the layers after it: dropout would wake


def normalise(images: keras.KerasTensor, convention: PixelConvention) -> keras.KerasTensor:
    """Bring float32 images of 0 to 255 into a backbone's pixel convention with one stock layer.

    The conventions are those of ``keras.applications``' ``preprocess_input``: ``tf`` is -1 to 1, ``torch`` takes
    off ImageNet's mean and divides by its deviation, ``caffe`` is BGR less the mean, ``inside`` leaves it to the
    backbone; and ``unit``, 0 to 1.
    """
    import keras
    from keras import layers

    if convention == "inside":
        return images
    if convention == "caffe":
        images = keras.ops.flip(images, axis=-1)
    scale, offset = {
        "tf": (1 / 127.5, -1.0),
        "unit": (1 / 255, 0.0),
        "torch": ((1 / 255 / IMAGENET_DEVIATION).tolist(), (-IMAGENET_MEAN / IMAGENET_DEVIATION).tolist()),
        "caffe": (1.0, (-CAFFE_MEAN).tolist()),
    }[convention]
    return layers.Rescaling(scale, offset, dtype="float32", name="normalise")(images)


def check_image_layout() -> None:
    """Check that Keras has the channels last, as images are here; TensorFlow on a CPU computes no other way.

    Raises:
        RuntimeError: it has them first.
    """
    import keras

    if keras.config.image_data_format() != "channels_last":
        raise RuntimeError(
            "Expected Keras with image_data_format 'channels_last', as images are (N, H, W, 3); received "
            "'channels_first'. Set it: keras.config.set_image_data_format('channels_last'), or in ~/.keras/keras.json."
        )
