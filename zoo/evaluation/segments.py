"""Weak segments: kinds of images that are predicted wrongly more often than others, described in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ensembles.shares import share_interval
from zoo.utils.chunks import spans

LEAST_ROWS = 100
LEAST_LEAF = 15  # images of a segment, on each half
DEPTH = 2  # of the tree: a segment is described by two properties at most
MOST_GROUPS = 8
CHUNK = 256
PROPERTIES = ("brightness", "contrast", "sharpness", "saturation")
SIDE = "side of the file"
NAMES = (*PROPERTIES, SIDE)


@dataclass(frozen=True)
class Segment:
    """Some images.

    Attributes:
        where: what they have in common, in words.
        wrong: share of them that was predicted wrongly.
        low: lower end of its 95 % interval.
        high: upper end.
        rows: how many images.
        indices: which images, as places in what was measured.
    """

    where: str
    wrong: float
    low: float
    high: float
    rows: int
    indices: tuple[int, ...] = field(default=(), repr=False)


def properties_of(pixels: np.ndarray) -> np.ndarray:
    """Measure images ``(N, H, W, 3)`` uint8: ``(N, 4)`` float64, in the order of ``PROPERTIES``.

    Brightness is the mean grey level and contrast its standard deviation, both of 0 to 1; sharpness is the mean
    absolute difference of neighbouring grey levels, divided by the contrast; saturation the mean of the HSV cone's.
    """
    return np.concatenate([_measured(pixels[span.start : span.stop]) for span in spans(len(pixels), CHUNK)])


def weak_segments(
    pixels: np.ndarray,
    wrong: np.ndarray,
    *,
    sides: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    seed: int = 0,
) -> list[Segment]:
    """Find segments by a shallow tree on one half of the images, and measure them on the other half.

    A tree that is measured on the images that grew it finds weak segments in pure noise, and so does one that is
    measured on others of the same groups.

    Args:
        pixels: ``(N, H, W, 3)`` uint8.
        wrong: ``(N,)`` bool, whether each was predicted wrongly.
        sides: ``(N,)`` shorter sides of the images' files, in pixels, a further property; None leaves it out.
        groups: ``(N,)`` what each shows, two at least, which stay whole in one half; None where each is by itself.
        seed: of the halves.

    Returns:
        The weakest first; one segment of all images where nothing tells the wrong ones apart.
    """
    from sklearn.tree import DecisionTreeClassifier

    found = properties_of(pixels)
    if sides is not None:
        found = np.column_stack([found, sides])
    grown, measured = _halves(wrong, groups, seed)
    least = max(LEAST_LEAF, len(grown) // 20)
    tree = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=least, random_state=seed)
    tree.fit(found[grown], wrong[grown])
    leaf_of = tree.apply(found[measured])
    in_leaf = [(where, measured[leaf_of == leaf]) for leaf, where in _leaves(tree.tree_)]
    segments = [_segment(where, wrong, np.sort(own), groups) for where, own in in_leaf if len(own)]
    return sorted(segments, key=lambda one: -one.wrong)


def group_segments(groups: np.ndarray, wrong: np.ndarray) -> list[Segment]:
    """The groups with the largest share of wrong predictions, of ``(N,)`` groups and bools."""
    names, index = np.unique(groups, return_inverse=True)
    found = [_segment(str(name), wrong, np.flatnonzero(index == number)) for number, name in enumerate(names)]
    return sorted((one for one in found if one.wrong), key=lambda one: -one.low)[:MOST_GROUPS]


def surely_weak(segments: Sequence[Segment]) -> list[Segment]:
    """Choose the segments whose interval lies above the share of all their images that were predicted wrongly."""
    rows = sum(one.rows for one in segments)
    share = sum(one.wrong * one.rows for one in segments) / max(rows, 1)
    return [one for one in segments if one.low > share]


def _halves(wrong: np.ndarray, groups: np.ndarray | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.model_selection import GroupShuffleSplit, train_test_split

    rows = np.arange(len(wrong))
    if groups is not None:
        halves: tuple[np.ndarray, np.ndarray] = next(
            GroupShuffleSplit(1, test_size=0.5, random_state=seed).split(rows, groups=groups)
        )
        return halves
    strata = wrong if min(wrong.sum(), (~wrong).sum()) >= 2 else None
    grown, measured = train_test_split(rows, test_size=0.5, random_state=seed, stratify=strata)
    return grown, measured


def _segment(where: str, wrong: np.ndarray, rows: np.ndarray, groups: np.ndarray | None = None) -> Segment:
    own = wrong[rows]
    sure = share_interval(own.astype(float), groups=None if groups is None else groups[rows])
    return Segment(where, float(own.mean()), float(sure.low), float(sure.high), len(own), tuple(rows.tolist()))


def _leaves(tree: Any) -> Iterator[tuple[int, str]]:
    """Each leaf's index, and the limits on the way to it in words."""
    stack: list[tuple[int, dict[str, tuple[float, float]]]] = [(0, {})]
    while stack:
        node, known = stack.pop()
        if tree.children_left[node] < 0:
            yield node, " and ".join(_told(name, *limits) for name, limits in known.items()) or "all images"
            continue
        name, limit = NAMES[tree.feature[node]], float(tree.threshold[node])
        low, high = known.get(name, (-np.inf, np.inf))
        stack.append((tree.children_left[node], known | {name: (low, limit)}))
        stack.append((tree.children_right[node], known | {name: (limit, high)}))


def _told(name: str, low: float, high: float) -> str:
    """Say within which limits a property lies; a tree may divide one twice."""
    digits, unit = (0, " pixels") if name == SIDE else (3, "")
    if np.isinf(low):
        return f"{name} up to {high:.{digits}f}{unit}"
    if np.isinf(high):
        return f"{name} above {low:.{digits}f}{unit}"
    return f"{name} of {low:.{digits}f} to {high:.{digits}f}{unit}"


def _measured(pixels: np.ndarray) -> np.ndarray:
    colours = pixels.astype(np.float32) / 255
    grey = colours @ np.array([0.299, 0.587, 0.114], np.float32)
    contrast = grey.std(axis=(1, 2))
    steps = (np.abs(np.diff(grey, axis=1)).mean(axis=(1, 2)) + np.abs(np.diff(grey, axis=2)).mean(axis=(1, 2))) / 2
    largest = colours.max(axis=-1)
    saturation = np.divide(largest - colours.min(axis=-1), largest, out=np.zeros_like(largest), where=largest > 0)
    sharpness = np.divide(steps, contrast, out=np.zeros_like(steps), where=contrast > 0)
    return np.stack([grey.mean(axis=(1, 2)), contrast, sharpness, saturation.mean(axis=(1, 2))], axis=1).astype(float)
