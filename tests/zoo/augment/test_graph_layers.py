"""The table of layers is keras-cv's, and wrong tables say what would be right."""

import inspect

import pytest

from zoo.augment.graph_layers import LAYERS, check_layers

SUPPLIED = {"value_range", "target_size", "seed"}  # by the library
LEFT_OUT = {"bounding_box_format", "segmentation_classes", "channels"}  # nothing that images have


@pytest.mark.parametrize("name", LAYERS)
def test_the_arguments_are_those_of_keras_cv(name):
    import keras_cv

    parameters = inspect.signature(getattr(keras_cv.layers, name)).parameters.values()
    own = {p.name: p.default for p in parameters if p.kind is not p.VAR_KEYWORD}
    arguments = LAYERS[name]
    assert set(arguments.required) == {key for key, default in own.items() if default is inspect._empty} - SUPPLIED
    assert set(arguments.optional) <= set(own)
    assert ("value_range" in own) == ("value_range" in arguments.optional)
    unoffered = set(own) - set(arguments.required) - set(arguments.optional) - SUPPLIED - LEFT_OUT
    assert unoffered <= ({"fill_mode"} if name in ("GridMask", "RandomCutout") else set())


def test_good_tables_pass():
    check_layers([])
    check_layers([{"layer": "RandomHue", "factor": [0, 0.1], "value_range": [0, 255]}, {"layer": "RandomFlip"}])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"layer": "RandomHeu", "factor": 0.1}, "'RandomHeu'.*mean .*'RandomHue'"),
        ({"layer": "AugMix"}, "'AugMix'"),
        ({"layer": "RandomHue", "facter": 0.1}, "RandomHue.*'facter'.*mean 'factor'"),
        ({"layer": "RandomHue", "factor": 0.1, "seed": 3}, "RandomHue.*'seed'"),
        ({"layer": "RandomCutout", "width_factor": 0.1}, "height_factor"),
        ({"layer": "RandomHue", "factor": 0.1, "value_range": [0, 1]}, r"value_range.*\[0, 255\]"),
        ({"factor": 0.1}, "table"),
        ("RandomHue", "table"),
    ],
)
def test_wrong_tables_are_errors(spec, message):
    with pytest.raises(ValueError, match=message):
        check_layers([spec])
