"""The one place where a family meets ``keras.applications``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.models.registry import Shape

if TYPE_CHECKING:
    import keras


def application(name: str, input_shape: Shape | None, weights: str | None, **options: Any) -> keras.Model:
    """Build ``keras.applications.<name>`` without its classifier.

    Args:
        name: the application's class name, such as ``"ConvNeXtSmall"``.
        input_shape: ``(height, width, 3)``, or None for the application's own.
        weights: ``"imagenet"`` lets Keras download (or find in its cache) the official weights; None is random.
        options: passed on, such as ``alpha``.
    """
    import keras

    build = getattr(keras.applications, name)
    return build(include_top=False, weights=weights, input_shape=input_shape, **options)
