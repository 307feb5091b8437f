"""Maps of an ensemble: those of its members, weighted as its rule weighs their logits."""

from __future__ import annotations

from typing import Any

import numpy as np

import ensembles
from zoo.data.images import Images
from zoo.explanation.activation_maps import METHODS as BY_GRADIENTS
from zoo.explanation.activation_maps import activation_maps, has_feature_maps
from zoo.explanation.occlusion import occlusion_maps
from zoo.members.member import Member
from zoo.state.state import EnsembleState
from zoo.utils.chunks import spans, take_all
from zoo.utils.progress import track
from zoo.utils.text import suggestion

LAYERCAM, OCCLUSION = "layercam", "occlusion"  # the defaults of networks, and of what has no gradients
METHODS = (*BY_GRADIENTS, OCCLUSION)
"""Ways to make maps."""
BATCH = 64  # images at a time
STEP = 0.5  # of a logit, by which a rule's slope is measured


def check_method(method: str) -> None:
    """Check a way to make maps; raises a ValueError that lists them."""
    if method not in METHODS:
        raise ValueError(
            f"Expected method as one of {', '.join(METHODS)}; received {method!r}. {suggestion(method, METHODS)}"
        )


def explain(
    state: EnsembleState,
    images: Images | np.ndarray,
    *,
    classes: np.ndarray | None = None,
    method: str = "layercam",
    member: str | None = None,
) -> np.ndarray:
    """Map what answers rest on; see :meth:`zoo.Ensemble.explain`."""
    check_method(method)
    pictures = pixels_of(state, images)
    wanted = None if classes is None else _checked(classes, len(pictures), len(state.class_names))
    alone = None if member is None else _named(state, member)
    parts = list(spans(len(pictures), BATCH))
    maps = [
        _explained(state, pictures[span], None if wanted is None else wanted[span], method, alone)
        for span in track(parts, "maps", len(parts), "batches")
    ]
    return np.concatenate(maps)


def _checked(classes: np.ndarray, images: int, count: int) -> np.ndarray:
    ids = np.asarray(classes)
    if ids.shape != (images,) or ids.dtype.kind not in "iu" or not ((ids >= 0) & (ids < count)).all():
        raise ValueError(
            f"Expected classes as {images} class ids of 0 to {count - 1}, one an image; received {ids.dtype} of shape "
            f"{ids.shape}. For one class of all images: np.full({images}, ID)."
        )
    return ids


def _explained(
    state: EnsembleState, images: np.ndarray, classes: np.ndarray | None, method: str, member: Member | None
) -> np.ndarray:
    """Map the answers for some images, of the ensemble or of one member."""
    if member is not None:
        return scaled(member_maps(member, images, classes, method))
    logits = np.stack([one.logits(images) for one in state.members])
    combined = state.rule().combine(logits)
    chosen = combined.argmax(axis=1) if classes is None else classes
    if method == OCCLUSION:
        wanted = one_hot(chosen, combined.shape[1])
        return scaled(occlusion_maps(lambda shown: ensembles.metrics.softmax(state.logits(shown)), images, wanted))
    slopes = rule_slopes(state.rule(), logits, chosen)
    voting = [(one, own) for one, own in zip(state.members, slopes, strict=True) if own.any()]
    return scaled(np.sum([_of_slopes(one, images, own, method) for one, own in voting], axis=0))


def pixels_of(state: EnsembleState, images: Images | np.ndarray) -> np.ndarray:
    """The pixels ``(N, H, W, 3)`` uint8 of images, as members see them."""
    pictures = state.as_read(images)
    return take_all(pictures) if isinstance(pictures, Images) else np.asarray(pictures)


def member_maps(member: Member, images: np.ndarray, classes: np.ndarray | None, method: str) -> np.ndarray:
    """Map what one member's logits of some classes, by default of the ones that it predicts, rest on: ``(N, H, W)``."""
    logits = member.logits(images)
    wanted = one_hot(logits.argmax(axis=1) if classes is None else np.asarray(classes), logits.shape[1])
    if is_occluded(member, method):
        return occlusion_maps(lambda shown: ensembles.metrics.softmax(member.logits(shown)), images, wanted)
    return activation_maps(member.model, images, wanted, method=method)


def is_occluded(member: Member, method: str) -> bool:
    """Whether a member is explained by occlusion: on request, or because it has no feature maps."""
    return method == OCCLUSION or not has_feature_maps(member.model)


def one_hot(classes: np.ndarray, count: int) -> np.ndarray:
    """Rows ``(N, count)`` float32 that are 1 at a class and 0 elsewhere."""
    return np.eye(count, dtype=np.float32)[classes]


def rule_slopes(rule: ensembles.Rule, logits: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """By how much a rule's logit of each row's class rises with each member's logits: ``(members, N, classes)``.

    Rules are affine, or nearly so, around most rows, so a difference of two predictions measures it. Where a rule does
    not move at all, as one that counts votes, all members count the same.
    """
    slopes = np.zeros_like(logits, np.float32)
    rows = np.arange(logits.shape[1])
    for index in np.ndindex(logits.shape[0], logits.shape[2]):
        ahead, behind = logits.copy(), logits.copy()
        ahead[index[0], :, index[1]] += STEP
        behind[index[0], :, index[1]] -= STEP
        moved = (_centred(rule.combine(ahead)) - _centred(rule.combine(behind)))[rows, classes]
        slopes[index[0], :, index[1]] = moved / (2 * STEP)
    still = ~slopes.any(axis=(0, 2))
    slopes[:, still] = one_hot(classes[still], logits.shape[2])
    return slopes


def scaled(maps: np.ndarray) -> np.ndarray:
    """Scale each map so that its largest number is 1; a map of nothing stays 0."""
    largest = maps.max(axis=(1, 2), keepdims=True)
    return np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)


def _of_slopes(member: Member, images: np.ndarray, slopes: np.ndarray, method: str) -> np.ndarray:
    """One member's share of an ensemble's map: as much in all as the rule's slopes are steep, wherever it lies."""
    if has_feature_maps(member.model):
        maps = activation_maps(member.model, images, slopes, method=method)
    else:
        maps = occlusion_maps(member.logits, images, slopes)
    mass = maps.sum(axis=(1, 2), keepdims=True)
    even = np.divide(maps, mass, out=np.zeros_like(maps), where=mass > 0)
    return even * np.abs(slopes).sum(axis=1)[:, None, None]


def _centred(logits: np.ndarray) -> Any:
    return logits - logits.mean(axis=1, keepdims=True)


def _named(state: EnsembleState, name: str) -> Member:
    found = {member.name: member for member in state.members}
    if name not in found:
        raise ValueError(
            f"Expected member as one of {', '.join(found)}; received {name!r}. {suggestion(name, tuple(found))}"
        )
    return found[name]
