"""How a pretrained backbone is adapted to the images of a fit."""

from __future__ import annotations

from typing import Literal, get_args

Adapt = Literal["tune", "lora", "probe"]
ADAPTS: tuple[Adapt, ...] = get_args(Adapt)


def split_name(text: str) -> tuple[Adapt | None, str]:
    """Read how a member is adapted from the word before its backbone's name.

    Args:
        text: ``"probe:mobilenet_v2"``, or a name alone.

    Returns:
        The word, None without one; and the backbone's name.

    Examples:
        >>> split_name("probe:mobilenet_v2"), split_name("mobilenet_v2")
        (('probe', 'mobilenet_v2'), (None, 'mobilenet_v2'))
    """
    for adapt in ADAPTS:
        if text.startswith(f"{adapt}:"):
            return adapt, text.removeprefix(f"{adapt}:").strip()
    return None, text
