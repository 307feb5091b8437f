"""Batch norms, rescalings and layer scales taken into the convolution or dense layer beside them.

Folding is exact in real numbers (Jacob et al. 2018, arXiv:1712.05877, section 3.2); it is computed in float64, so that
float32 predictions differ by roundings.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from zoo.export.optimise.kernels import Affine, absorbing, absorbs_after, absorbs_before, affine_of, has_kernel
from zoo.export.optimise.rescaling import rescaling
from zoo.models.network import Link, Memo


def folded(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Let layers take in the scales and shifts before and after them.

    One that stands between an activation and a padded convolution stays: the border of zeros comes after it.
    """
    left: list[Link] = []
    rest = deque(links)
    while rest:
        link = rest.popleft()
        left.append(_with_neighbours(link, left, rest, memo) if has_kernel(link.operation) else link)
    return left


def _with_neighbours(link: Link, left: list[Link], rest: deque[Link], memo: Memo) -> Link:
    """One layer for a kernel and all that it can take in, which is taken from both sides."""
    behind, after = _taken_after(link, rest)
    ahead, before = _taken_before(link, left)
    if not (ahead or behind):
        return link
    joined = [own.operation for own in (*ahead, link, *behind)]
    return replace(link, operation=memo.once("folded", joined, lambda: absorbing(link, before, after)))


def _taken_after(link: Link, rest: deque[Link]) -> tuple[list[Link], Affine | None]:
    taken: list[Link] = []
    whole: Affine | None = None
    while rest and absorbs_after(link.operation) and alike(link, rest[0]) and (own := affine_of(rest[0])):
        taken.append(rest.popleft())
        whole = whole.then(own) if whole else own
    return taken, whole


def _taken_before(link: Link, left: list[Link]) -> tuple[list[Link], Affine | None]:
    taken: list[Link] = []
    whole: Affine | None = None
    while left and (own := affine_of(left[-1])):
        joined = own.then(whole) if whole else own
        if not (absorbs_before(link.operation, joined) and alike(link, left[-1]) and link.dtype == left[-1].dtype):
            break
        taken.insert(0, left.pop())
        whole = joined
    return taken, whole


def alike(link: Link, other: Link) -> bool:
    """Whether two layers compute in the same precision; an operation that is no layer has none."""
    one, two = (getattr(own.operation, "compute_dtype", None) for own in (link, other))
    return one == two


def with_bare_norms(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Split scale and shift off a layer norm before a kernel, which can take them in.

    What is left of the norm (Ba et al., arXiv:1607.06450) goes twice over its tensor, and not five times.
    """
    left: list[Link] = []
    for index, link in enumerate(links):
        own = _affine_of(link) if index < len(links) - 1 else None
        if own and alike(link, links[index + 1]) and absorbs_before(links[index + 1].operation, own):
            left += _split(link, own, memo)
        else:
            left.append(link)
    return left


def _affine_of(link: Link) -> Affine | None:
    """What a layer norm does to each channel after it has normalised over all of them; None of other layers."""
    layer = link.operation
    if type(layer) is not keras.layers.LayerNormalization or not _over_channels(layer, link):
        return None
    channels: Any = link.shape[-1]
    scale = np.asarray(layer.gamma, np.float64) if layer.scale else np.ones(channels)
    shift = np.asarray(layer.beta, np.float64) if layer.center else np.zeros(channels)
    return Affine(scale, shift) if layer.scale or layer.center else None


def _over_channels(layer: keras.layers.LayerNormalization, link: Link) -> bool:
    last = len(link.shape) - 1
    return layer.axis in (-1, [-1], last, [last]) and not getattr(layer, "rms_scaling", False)


def _split(link: Link, own: Affine, memo: Memo) -> list[Link]:
    def made() -> tuple[keras.layers.Layer, keras.layers.Layer]:
        layer = link.operation
        bare = type(layer).from_config(layer.get_config() | {"scale": False, "center": False})
        bare.build(link.shape)
        return bare, rescaling(own, link)

    return [replace(link, operation=layer) for layer in memo.once("norm", [link.operation], made)]
