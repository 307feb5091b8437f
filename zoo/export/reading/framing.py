"""A picture in the wanted size, as :mod:`zoo.data.pictures.framing` makes it with Pillow's bilinear ``resize``.

Pillow smooths by a triangle as wide as an output pixel, as ``ScaleAndTranslate`` does; it rounds to bytes after the
rows and again after the columns, so that values may differ by 1. What shrinks by more than twice ``GAP`` is first
averaged over whole blocks (``reducing_gap``).
"""

from __future__ import annotations

import tensorflow as tf

from zoo.data.pictures.framing import GAP
from zoo.data.pictures.pixel_reading import Colour, PixelReading
from zoo.utils.text import Size

SUPPORT = 0.5  # of the bilinear filter beyond the pixel's own half, in output pixels


def resized(picture: tf.Tensor, size: Size, reading: PixelReading) -> tf.Tensor:
    """Bring ``(h, w, 3)`` uint8 to ``(*size, 3)`` uint8."""
    have = tf.cast(tf.shape(picture)[:2], tf.float64)
    want = tf.constant(size, tf.float64)
    if reading.fit == "pad":
        made = _padded(picture, have, want, reading.background)
    else:
        start, stop = _middle(have, want) if reading.fit == "crop" else (tf.zeros_like(have), have)
        made = _scaled(picture, want, start, stop)
    return tf.ensure_shape(made, (*size, 3))


def _middle(have: tf.Tensor, want: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The largest box of the wanted aspect in the middle: its top left and its bottom right corner."""
    box = want * tf.reduce_min(have / want)
    return (have - box) / 2, (have + box) / 2


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
    scale = want / (stop - start)
    made = tf.raw_ops.ScaleAndTranslate(
        images=picture[None],
        size=tf.cast(want, tf.int32),
        scale=tf.cast(scale, tf.float32),
        translation=tf.cast(-start * scale, tf.float32),
        kernel_type="triangle",
        antialias=True,
    )[0]
    return tf.cast(tf.clip_by_value(tf.floor(made + 0.5), 0, 255), tf.uint8)


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
    return tf.cast((sums + counts // 2) // counts, tf.uint8)
