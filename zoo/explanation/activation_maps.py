"""Class activation maps: how much each place of a feature map speaks for an answer, by the answer's gradient there.

Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391) weighs each channel by its mean gradient. LayerCAM (Jiang et al.
2021, doi:10.1109/TIP.2021.3089943) weighs each place of each channel by its own, and so tells details on finer maps. It
leaves negative gradients out, as the maps that it was made for hold nothing below 0. Tokens do, so there the signs of
both count (HiResCAM, Draelos and Carin 2020, arXiv:2011.08891). On marks at known places the tokens before the first
attention told them 7 to 9 times as well as chance, those before the last one no better than chance.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np

from zoo.explanation.feature_map import Cut, cut_at
from zoo.explanation.gradients import gradient
from zoo.explanation.parts import Part, parts_of
from zoo.utils.chunks import spans

# Of the feature map, in its pixels. On marks at known places these named them best: mean gradients of finer maps are
# noise, and coarser maps hold no details.
LEAST_SIDES = {"gradcam": 6, "layercam": 12}
METHODS = tuple(LEAST_SIDES)
BATCH = 32


def has_feature_maps(model: keras.Model) -> bool:
    """Whether a network has a feature map that activation maps can be made of."""
    return all(cut_at(part.model) is not None for part in parts_of(model))


def activation_maps(
    model: keras.Model, images: np.ndarray, directions: np.ndarray, *, method: str, least_side: int | None = None
) -> np.ndarray:
    """Map what a network's answers rest on: ``(N, H, W)`` float32, 0 or more, in the images' own pixels.

    Args:
        model: of a member: uint8 images in, logits out. Of a mean over folds or over test-time views the maps of all
            parts are averaged, each turned back as its view was turned.
        images: ``(N, H, W, 3)`` uint8.
        directions: ``(N, classes)`` float32, what the logits are multiplied with to give the number that is explained:
            1 at a class and 0 elsewhere for that class' logit.
        method: of :data:`METHODS`.
        least_side: of the feature map, in its pixels, where the network has one as large; by default the method's own.

    Raises:
        ValueError: a network without feature maps.
    """
    parts = parts_of(model)
    side = LEAST_SIDES[method] if least_side is None else least_side
    return np.mean([_part_maps(part, images, part.own_order(directions), method, side) for part in parts], axis=0)


def _part_maps(part: Part, images: np.ndarray, directions: np.ndarray, method: str, least_side: int) -> np.ndarray:
    cut = cut_at(part.model, least_side, unmixed=method == "layercam")
    if cut is None:
        raise ValueError(
            f"Expected a network with feature maps for {method}; {part.model.name!r} has none that all of it passes "
            "through. Use method='occlusion'."
        )
    maps = np.empty(images.shape[:3], np.float32)
    for span in spans(len(images), BATCH):
        rows = slice(span.start, span.stop)
        features = cut.features(keras.ops.convert_to_tensor(part.turn(images[rows])))
        slopes = gradient(partial(_explained, cut, directions[rows]), features)
        values = np.asarray(keras.ops.convert_to_numpy(features), np.float32)
        coarse = _weigh(cut.as_map(values), cut.as_map(slopes), method, signed=cut.tokens)
        maps[rows] = part.turn_back(enlarged(coarse, part.turn(images[rows]).shape[1:3]))
    return maps


def _explained(cut: Cut, directions: np.ndarray, features: Any) -> Any:
    return keras.ops.sum(cut.logits(features) * directions)


def _weigh(features: np.ndarray, slopes: np.ndarray, method: str, *, signed: bool) -> np.ndarray:
    """Weigh channels ``(n, h, w, c)`` by their gradients: ``(n, h, w)``, what speaks against the answer is 0."""
    own = slopes if signed else np.maximum(slopes, 0)
    weights = slopes.mean(axis=(1, 2), keepdims=True) if method == "gradcam" else own
    return np.maximum((weights * features).sum(axis=-1), 0)


def enlarged(maps: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Enlarge maps ``(n, h, w)`` smoothly to the pixels of the images."""
    resized: Any = keras.ops.image.resize(maps[..., None].astype(np.float32), size, interpolation="bilinear")
    return np.asarray(keras.ops.convert_to_numpy(resized))[..., 0]
