"""The built-in backbones, one file a family; importing this package fills the register.

No family imports Keras before one of its builders is called.
"""

from zoo.models.backbones import (
    convnext,
    densenet,
    efficientnet,
    efficientnet_v2,
    inception,
    mobilenet,
    mobilenet_v3,
    nasnet,
    resnet,
    resnet_v2,
    simple_cnn,
    vgg,
    xception,
)

__all__ = [
    "convnext",
    "densenet",
    "efficientnet",
    "efficientnet_v2",
    "inception",
    "mobilenet",
    "mobilenet_v3",
    "nasnet",
    "resnet",
    "resnet_v2",
    "simple_cnn",
    "vgg",
    "xception",
]
