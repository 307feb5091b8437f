"""What happens to pixels one after another, in one step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import keras

from zoo.surgery.affine import Affine, affine_of
from zoo.surgery.network import Link, Memo

KINDS = (keras.layers.Rescaling, keras.layers.Normalization)


def rescaled_once(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Join rescalings and normalizations that follow each other to one ``Rescaling``.

    Its numbers are constants of the graph, where a ``Normalization`` keeps tensors that converters take for inputs.
    """
    left: list[Link] = []
    for link in links:
        own, before = _affine(link), _affine(left[-1]) if left else None
        if own and before:
            left[-1] = replace(left[-1], operation=_rescaling(_then(before, own), link))
        elif own and isinstance(link.operation, keras.layers.Normalization):
            left.append(replace(link, operation=_rescaling(own, link)))
        else:
            left.append(link)
    return left


def _affine(link: Link) -> Affine | None:
    return affine_of(link) if type(link.operation) in KINDS else None


def _then(first: Affine, second: Affine) -> Affine:
    return Affine(first.scale * second.scale, first.shift * second.scale + second.shift)


def _rescaling(affine: Affine, link: Link) -> keras.layers.Layer:
    layer = link.operation
    return keras.layers.Rescaling(
        affine.scale.tolist(), affine.shift.tolist(), dtype=layer.dtype_policy, name=layer.name
    )
