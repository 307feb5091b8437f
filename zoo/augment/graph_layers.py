"""Which keras-cv layers can stand in the training graph, and with which arguments. Plain Python, for checks.

Those that draw for each image by itself, leave its size and its label alone, take pixels of 0 to 255 and can be
seeded. AugMix and noise as a filling cannot; RandomJpegQuality makes such images black.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zoo.utils.text import suggestion

VALUE_RANGE = (0, 255)


@dataclass(frozen=True)
class Arguments:
    """What a layer is made with; ``seed``, and sizes that the images decide, are not for the user.

    Attributes:
        required: names of those without a default.
        optional: names of the others. A ``value_range`` is always ``VALUE_RANGE``.
    """

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


SHARED = ("fill_mode", "interpolation", "fill_value")
LAYERS = {
    "ChannelShuffle": Arguments((), ("groups",)),
    "GridMask": Arguments((), ("ratio_factor", "rotation_factor", "fill_value")),
    "RandomBrightness": Arguments(("factor",), ("value_range",)),
    "RandomChannelShift": Arguments(("factor",), ("value_range",)),
    "RandomColorDegeneration": Arguments(("factor",)),
    "RandomColorJitter": Arguments(
        ("brightness_factor", "contrast_factor", "saturation_factor", "hue_factor"), ("value_range",)
    ),
    "RandomContrast": Arguments(("factor",), ("value_range",)),
    "RandomCropAndResize": Arguments(("crop_area_factor", "aspect_ratio_factor"), ("interpolation",)),
    "RandomCutout": Arguments(("height_factor", "width_factor"), ("fill_value",)),
    "RandomFlip": Arguments((), ("mode", "rate")),
    "RandomGaussianBlur": Arguments(("kernel_size", "factor")),
    "RandomHue": Arguments(("factor",), ("value_range",)),
    "RandomRotation": Arguments(("factor",), SHARED),
    "RandomSaturation": Arguments(("factor",)),
    "RandomSharpness": Arguments(("factor",), ("value_range",)),
    "RandomShear": Arguments((), ("x_factor", "y_factor", *SHARED)),
    "RandomTranslation": Arguments(("height_factor", "width_factor"), SHARED),
    "RandomZoom": Arguments(("height_factor",), ("width_factor", *SHARED)),
    "Solarization": Arguments((), ("addition_factor", "threshold_factor", "value_range")),
}


def check_layers(specs: Sequence[Mapping[str, Any]]) -> None:
    """Check layers by name and argument names; their values are keras-cv's to check, when the network is made.

    Args:
        specs: a table a layer, such as ``{"layer": "RandomHue", "factor": [0, 0.1]}``.

    Raises:
        ValueError: a name that is not known, an argument that is not known or missing, or pixels of another range.
    """
    if not isinstance(specs, Sequence) or isinstance(specs, str):
        raise ValueError(f"Expected a list of tables, one for each layer, () for none; received {specs!r}.")
    for spec in specs:
        if not isinstance(spec, Mapping) or not isinstance(spec.get("layer"), str):
            raise ValueError(
                f'Expected a table with the name of a layer, {{layer = "RandomHue", ...}}; received {spec!r}.'
            )
        if spec["layer"] not in LAYERS:
            name = spec["layer"]
            raise ValueError(f"Expected a layer for the training graph; received {name!r}. {suggestion(name, LAYERS)}")
        _check_arguments(spec["layer"], {name: value for name, value in spec.items() if name != "layer"})


def _check_arguments(layer: str, given: Mapping[str, Any]) -> None:
    known = (*LAYERS[layer].required, *LAYERS[layer].optional)
    for name in given:
        if name not in known:
            raise ValueError(f"Expected an argument of {layer}; received {name!r}. {suggestion(name, known)}")
    _check_plain(layer, given)
    missing = [name for name in LAYERS[layer].required if name not in given]
    if missing:
        raise ValueError(f"Expected {', '.join(known)} for {layer}; {', '.join(missing)} is missing. Give it a value.")
    if tuple(given.get("value_range", VALUE_RANGE)) != VALUE_RANGE:
        received = given["value_range"]
        raise ValueError(f"Expected value_range as [0, 255], as images have it; received {received!r}. Leave it out.")


def _check_plain(layer: str, given: Mapping[str, Any]) -> None:
    """What decides a member's weights is written down as JSON."""
    try:
        json.dumps(given)
    except TypeError as error:
        raise ValueError(
            f"Expected numbers, texts and lists as the arguments of {layer}; received {given!r}. Write float(...) or "
            "list(...) around what is not plain."
        ) from error
