"""The backbones of ``keras.applications`` as a table: a family for each architecture, a row for each size.

Pixels are what the official weights were trained on: ``inside`` is 0 to 255, normalised in the graph; ``torch`` takes
off ImageNet's mean and divides by its deviation; ``tf`` is -1 to 1; ``caffe`` is BGR less ImageNet's mean. Licences
are those of the weights' authors, as Keras names them. To add a size, add its row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoo.models.backbones.application import SIDE, Row, family

if TYPE_CHECKING:
    import keras


def with_official_rescaling(model: keras.Model) -> keras.Model:
    """Divide once more by the root of ImageNet's deviation, as EfficientNet's official weights were trained.

    Keras adds this layer only for the literal ``weights="imagenet"``, so that the same numbers from a file would build
    another network (tensorflow#62193). Here every route builds the official layers.
    """
    import keras

    from zoo.models.preprocessing import IMAGENET_DEVIATION

    def call(layer: keras.layers.Layer, *args: Any, **kwargs: Any) -> Any:
        outputs = layer(*args, **kwargs)
        if not isinstance(layer, keras.layers.Normalization):
            return outputs
        return keras.layers.Rescaling([float(deviation) ** -0.5 for deviation in IMAGENET_DEVIATION])(outputs)

    return keras.models.clone_model(model, call_function=call)


# Keras writes the 7x7 depthwise convolutions as grouped ones, which are slow on a CPU: zoo.models.depthwise.
family(
    "ConvNeXt",
    "inside",
    "Liu et al., 2022, arXiv:2201.03545",
    {
        "convnext_tiny": Row(application="ConvNeXtTiny", parameters=27_820_128),
        "convnext_small": Row(application="ConvNeXtSmall", parameters=49_454_688),
        "convnext_base": Row(application="ConvNeXtBase", parameters=87_566_464),
        "convnext_large": Row(application="ConvNeXtLarge", parameters=196_230_336),
        "convnext_xlarge": Row(application="ConvNeXtXLarge", parameters=348_147_968),
    },
    licence="MIT",
)
family(
    "DenseNet",
    "torch",
    "Huang et al., 2017, arXiv:1608.06993",
    {
        "densenet121": Row(application="DenseNet121", parameters=7_037_504),
        "densenet169": Row(application="DenseNet169", parameters=12_642_880),
        "densenet201": Row(application="DenseNet201", parameters=18_321_984),
    },
    licence="BSD-3-Clause",
)
family(
    "EfficientNet",
    "inside",
    "Tan and Le, 2019, arXiv:1905.11946",
    {
        "efficientnet_b0": Row(application="EfficientNetB0", parameters=4_049_571),
        "efficientnet_b1": Row(application="EfficientNetB1", parameters=6_575_239, image_size=240),
        "efficientnet_b2": Row(application="EfficientNetB2", parameters=7_768_569, image_size=260),
        "efficientnet_b3": Row(application="EfficientNetB3", parameters=10_783_535, image_size=300),
        "efficientnet_b4": Row(application="EfficientNetB4", parameters=17_673_823, image_size=380),
        "efficientnet_b5": Row(application="EfficientNetB5", parameters=28_513_527, image_size=456),
        "efficientnet_b6": Row(application="EfficientNetB6", parameters=40_960_143, image_size=528),
        "efficientnet_b7": Row(application="EfficientNetB7", parameters=64_097_687, image_size=600),
    },
    adapt=with_official_rescaling,
)
# B0 to B3 expect ImageNet's mean, S to L -1 to 1: both are in the graph.
family(
    "EfficientNetV2",
    "inside",
    "Tan and Le, 2021, arXiv:2104.00298",
    {
        "efficientnet_v2_b0": Row(application="EfficientNetV2B0", parameters=5_919_312),
        "efficientnet_v2_b1": Row(application="EfficientNetV2B1", parameters=6_931_124, image_size=240),
        "efficientnet_v2_b2": Row(application="EfficientNetV2B2", parameters=8_769_374, image_size=260),
        "efficientnet_v2_b3": Row(application="EfficientNetV2B3", parameters=12_930_622, image_size=300),
        "efficientnet_v2_s": Row(application="EfficientNetV2S", parameters=20_331_360, image_size=384),
        "efficientnet_v2_m": Row(application="EfficientNetV2M", parameters=53_150_388, image_size=480),
        "efficientnet_v2_l": Row(application="EfficientNetV2L", parameters=117_746_848, image_size=480),
    },
)
family(
    "Inception",
    "tf",
    "Szegedy et al., 2016, arXiv:1512.00567",
    {
        "inception_v3": Row(application="InceptionV3", parameters=21_802_784, image_size=299),
        "inception_resnet_v2": Row(
            application="InceptionResNetV2",
            parameters=54_336_736,
            image_size=299,
            paper="Szegedy et al., 2017, arXiv:1602.07261",
        ),
    },
    min_size=75,
)
# The suffix is the width in per cent of the full network.
V2 = "Sandler et al., 2018, arXiv:1801.04381"
family(
    "MobileNet",
    "tf",
    "Howard et al., 2017, arXiv:1704.04861",
    {
        "mobilenet": Row(application="MobileNet", parameters=3_228_864),
        "mobilenet_025": Row(application="MobileNet", parameters=218_544, options={"alpha": 0.25}),
        "mobilenet_v2": Row(application="MobileNetV2", parameters=2_257_984, paper=V2),
        "mobilenet_v2_035": Row(application="MobileNetV2", parameters=410_208, options={"alpha": 0.35}, paper=V2),
    },
    own_shape=(SIDE, SIDE, 3),
)
family(
    "MobileNetV3",
    "inside",
    "Howard et al., 2019, arXiv:1905.02244",
    {
        "mobilenet_v3_small": Row(application="MobileNetV3Small", parameters=939_120),
        "mobilenet_v3_large": Row(application="MobileNetV3Large", parameters=2_996_352),
    },
    own_shape=(SIDE, SIDE, 3),
)
family(
    "NASNet",
    "tf",
    "Zoph et al., 2018, arXiv:1707.07012",
    {
        "nasnet_mobile": Row(application="NASNetMobile", parameters=4_269_716),
        "nasnet_large": Row(application="NASNetLarge", parameters=84_916_818, image_size=331),
    },
)
family(
    "ResNet",
    "caffe",
    "He et al., 2015, arXiv:1512.03385",
    {
        "resnet50": Row(application="ResNet50", parameters=23_587_712),
        "resnet101": Row(application="ResNet101", parameters=42_658_176),
        "resnet152": Row(application="ResNet152", parameters=58_370_944),
    },
    licence="MIT",
)
family(
    "ResNetV2",
    "tf",
    "He et al., 2016, arXiv:1603.05027",
    {
        "resnet50_v2": Row(application="ResNet50V2", parameters=23_564_800),
        "resnet101_v2": Row(application="ResNet101V2", parameters=42_626_560),
        "resnet152_v2": Row(application="ResNet152V2", parameters=58_331_648),
    },
    licence="BSD-3-Clause",
)
family(
    "VGG",
    "caffe",
    "Simonyan and Zisserman, 2014, arXiv:1409.1556",
    {
        "vgg16": Row(application="VGG16", parameters=14_714_688),
        "vgg19": Row(application="VGG19", parameters=20_024_384),
    },
    licence="CC-BY-4.0",
)
family(
    "Xception",
    "tf",
    "Chollet, 2017, arXiv:1610.02357",
    {"xception": Row(application="Xception", parameters=20_861_480, image_size=299)},
    min_size=71,
    licence="MIT",
)
