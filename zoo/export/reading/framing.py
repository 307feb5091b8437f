"""A picture in the wanted size, as :mod:`zoo.data.pictures.framing` makes it with Pillow's bilinear ``resize``.

Pillow smooths by a triangle as wide as an output pixel, along the rows and then down the columns, with weights of 22
bits, and rounds to bytes after each. These operations compute the same whole numbers. (Pillow 13 takes the columns
first where that is less work; some values then differ by 1.) TensorFlow's own resizing differs by 1 everywhere, and
some networks' probabilities then differ by 0.04. What shrinks by more than twice ``GAP`` is first averaged over whole
blocks (``reducing_gap``).
"""

from __future__ import annotations

import tensorflow as tf

from zoo.data.pictures.framing import GAP
from zoo.data.pictures.pixel_reading import Colour, PixelReading
from zoo.utils.text import Size

ONE = 1 << 22  # of Pillow's fixed-point weights
INVERSE = 1 << 24  # of its inverse numbers
SUPPORT = 0.5  # of the bilinear filter beyond the pixel's own half, in output pixels


def resized(picture: tf.Tensor, size: Size, reading: PixelReading) -> tf.Tensor:
    """Bring ``(h, w, 3)`` uint8 to ``(*size, 3)`` uint8."""
    have = tf.cast(tf.shape(picture)[:2], tf.float64)
    want = tf.constant(size, tf.float64)
    if reading.fit == "pad":
        made = _padded(picture, have, want, reading.background)
    else:
        start, stop = _middle(have, want) if reading.fit == "crop" else (tf.zeros_like(have), have)
        same = tf.reduce_all(have == want)
        made = tf.cond(same, lambda: picture, lambda: _scaled(picture, want, start, stop))
    return tf.ensure_shape(made, (*size, 3))


def _middle(have: tf.Tensor, want: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The largest box of the wanted aspect in the middle: its top left and its bottom right corner."""
    box = want * tf.reduce_min(have / want)
    start = (have - box) / 2
    return start, start + box


def _padded(picture: tf.Tensor, have: tf.Tensor, want: tf.Tensor, background: Colour) -> tf.Tensor:
    inner = tf.maximum(tf.round(have * tf.reduce_min(want / have)), 1.0)
    made = _scaled(picture, inner, tf.zeros_like(have), have)
    before = tf.cast(want - inner, tf.int32) // 2
    after = tf.cast(want - inner, tf.int32) - before
    edges = [[before[0], after[0]], [before[1], after[1]]]
    channels = [tf.pad(made[..., channel], edges, constant_values=colour) for channel, colour in enumerate(background)]
    return tf.stack(channels, axis=-1)


def _scaled(picture: tf.Tensor, want: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> tf.Tensor:
    """Resample the box from ``start`` to ``stop`` to the size ``want``: ``(2,)`` float64 each, height first."""
    picture, start, stop = _reduced(picture, want, start, stop)
    for axis in (1, 0):
        picture = _resampled(picture, axis, tf.cast(want[axis], tf.int32), start[axis], stop[axis])
    return picture


def _resampled(picture: tf.Tensor, axis: int, want: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> tf.Tensor:
    """Resample rows or columns, from ``start`` to ``stop``, to so many: Pillow's ``ImagingResample``."""
    size = tf.shape(picture)[axis]
    first, last = (
        tf.cast(tf.cast(edge, tf.float32), tf.float64) for edge in (start, stop)
    )  # Pillow's boxes are float32
    scale = (last - first) / tf.cast(want, tf.float64)
    reach = tf.maximum(scale, 1.0)  # of the triangle, to either side
    centres = first + (tf.cast(tf.range(want), tf.float64) + 0.5) * scale
    begin = tf.maximum(tf.cast(centres - reach + 0.5, tf.int32), 0)
    end = tf.minimum(tf.cast(centres + reach + 0.5, tf.int32), size)
    places = begin[:, None] + tf.range(2 * tf.cast(tf.math.ceil(reach), tf.int32) + 1)
    heights = 1 - tf.abs((tf.cast(places, tf.float64) - centres[:, None] + 0.5) / reach)
    heights = tf.where(places < end[:, None], tf.maximum(heights, 0.0), 0.0)
    shares = heights / tf.reduce_sum(heights, axis=1, keepdims=True)
    fixed = tf.cast(tf.floor(shares * ONE + 0.5), tf.int32)
    weights = fixed[:, :, None, None] if axis == 0 else fixed[None, :, :, None]
    values = tf.cast(tf.gather(picture, tf.minimum(places, size - 1), axis=axis), tf.int32)
    sums = tf.reduce_sum(values * weights, axis=axis + 1)
    return tf.cast(tf.clip_by_value((sums + ONE // 2) // ONE, 0, 255), tf.uint8)


def _reduced(
    picture: tf.Tensor, want: tf.Tensor, start: tf.Tensor, stop: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Average whole blocks, and give the box in the smaller picture: the first step of ``resize(reducing_gap=)``."""
    factor = tf.maximum(tf.floor((stop - start) / want / GAP), 1.0)
    support = SUPPORT * (stop - start) / want
    first = tf.maximum(tf.floor(start - support), 0.0)
    last = tf.minimum(tf.math.ceil(stop + support), tf.cast(tf.shape(picture)[:2], tf.float64))
    whole = tf.reduce_all(factor == 1.0)
    first = tf.where(whole, tf.zeros_like(first), first)
    smaller = tf.cond(
        whole,
        lambda: picture,
        lambda: _block_means(picture, *(tf.cast(part, tf.int32) for part in (first, last, factor))),
    )
    return smaller, (start - first) / factor, (stop - first) / factor


def _block_means(picture: tf.Tensor, first: tf.Tensor, last: tf.Tensor, factor: tf.Tensor) -> tf.Tensor:
    """Means of blocks of ``factor``, rounded as ``Image.reduce`` does; those at the ends are of what there is."""
    part = tf.cast(picture[first[0] : last[0], first[1] : last[1]], tf.int32)
    have = last - first
    blocks = -(-have // factor)
    rest = blocks * factor - have
    part = tf.pad(part, [[0, rest[0]], [0, rest[1]], [0, 0]])
    sums = tf.reduce_sum(tf.reshape(part, (blocks[0], factor[0], blocks[1], factor[1], 3)), axis=(1, 3))
    rows, columns = (tf.minimum(factor[axis], have[axis] - factor[axis] * tf.range(blocks[axis])) for axis in (0, 1))
    counts = (rows[:, None] * columns)[..., None]
    inverse = INVERSE // tf.cast(counts, tf.int64)  # as Pillow divides: what is a whole number may come out one lower
    return tf.cast(tf.cast(sums + counts // 2, tf.int64) * inverse // INVERSE, tf.uint8)
