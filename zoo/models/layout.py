"""The order of an image's axes in Keras, which is one setting for the whole process."""

from __future__ import annotations


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
