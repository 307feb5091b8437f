"""Batch norms, rescalings and layer scales taken into the convolution or dense layer beside them.

Folding is exact in real numbers (Jacob et al. 2018, arXiv:1712.05877, section 3.2); it is computed in float64, so that
float32 answers differ by roundings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from zoo.surgery.absorbing import absorbing_after, absorbing_before, absorbs_after, absorbs_before
from zoo.surgery.affine import affine_of
from zoo.surgery.network import Link, Memo, pairs


def folded(links: Sequence[Link], memo: Memo) -> list[Link]:
    """Let layers take in the scales and shifts before and after them.

    One that stands between an activation and a padded convolution stays: the border of zeros comes after it.
    """
    left = list(links)
    while found := next(_unions(left, memo), None):
        place, union = found
        left[place : place + 2] = [union]
    return left


def _unions(links: Sequence[Link], memo: Memo) -> Iterator[tuple[int, Link]]:
    """Neighbours that can be one: their place, and what stands for both."""
    for place, one, other in pairs(links):
        after, before = affine_of(other), affine_of(one)
        if not (after or before) or _precision(one) != _precision(other):
            continue
        both = one.operation, other.operation
        if after and absorbs_after(one.operation):
            made = memo.once("folded", both, lambda: absorbing_after(one, after))  # noqa: B023
            yield place, replace(one, operation=made)
        elif before and one.dtype == other.dtype and absorbs_before(other.operation, before):
            made = memo.once("folded", both, lambda: absorbing_before(other, before))  # noqa: B023
            yield place, replace(other, operation=made)


def _precision(link: Link) -> str | None:
    """What a layer computes in; None of an operation that is no layer."""
    return getattr(link.operation, "compute_dtype", None)
