"""How a JPEG or a PNG has to be turned, by EXIF: as :class:`zoo.data.pictures.picture.Flat` does it.

Orientations elsewhere are not read: in XMP, and in the text chunks of a PNG (``Raw profile type exif``).
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from zoo.data.pictures.metadata import SCAN

TAG = 0x0112
ENTRY = 12  # bytes
MOST = 512  # entries that are looked at
EXIF_SEGMENT = 0xE1
EXIF_MARK = int.from_bytes(b"Exif", "big")
NONE = -1
LONG = 4  # the type of a number of four bytes

AtPlace = Callable[[tf.Tensor], tf.Tensor]
"""Something about the block at an offset."""


def orientation_of(contents: tf.Tensor, is_jpeg: tf.Tensor) -> tf.Tensor:
    """EXIF's orientation, 1 to 8; 1 where there is none.

    Args:
        contents: the bytes of the file, ``()`` string.
        is_jpeg: True for a JPEG, False for a PNG.
    """
    data = tf.cast(tf.io.decode_raw(contents, tf.uint8), tf.int64)
    start = tf.cond(is_jpeg, lambda: _jpeg_block(data), lambda: png_chunk(data, b"eXIf"))
    found = tf.cond(start == NONE, lambda: tf.constant(1, tf.int64), lambda: _orientation(data, start))
    return tf.where((found >= 1) & (found <= 8), found, 1)


def turned(picture: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Turn ``(h, w, c)`` so that it is upright; see :func:`zoo.data.pictures.picture.upright`."""
    sideways = orientation >= 5
    picture = tf.cond(sideways, lambda: tf.transpose(picture, (1, 0, 2)), lambda: picture)
    rows = tf.reduce_any(orientation == tf.constant([3, 4, 7, 8], tf.int64))
    columns = tf.reduce_any(orientation == tf.constant([2, 3, 6, 7], tf.int64))
    picture = tf.cond(rows, lambda: picture[::-1], lambda: picture)
    return tf.cond(columns, lambda: picture[:, ::-1], lambda: picture)


def _number(data: tf.Tensor, at: tf.Tensor, count: int, big: tf.Tensor | bool = True) -> tf.Tensor:
    """Read ``count`` bytes at one offset ``()``, or at several ``(n, 1)``, as an unsigned integer; 0 beyond the end."""
    size = tf.size(data, tf.int64)
    some = tf.gather(data, tf.clip_by_value(at + tf.range(count, dtype=tf.int64), 0, size - 1))
    powers = tf.constant([256 ** (count - 1 - index) for index in range(count)], tf.int64)
    there = tf.reshape(at, tf.shape(some)[:-1]) + count <= size
    return tf.where(there, tf.reduce_sum(some * tf.where(big, powers, powers[::-1]), axis=-1), 0)


def _walk(data: tf.Tensor, start: int, is_it: AtPlace, stop: AtPlace, following: AtPlace) -> tf.Tensor:
    """Walk the file's blocks; return the offset of the first that ``is_it`` accepts, or :data:`NONE`."""
    end = tf.size(data, tf.int64)

    def goes_on(at: tf.Tensor) -> tf.Tensor:
        return (at + 8 <= end) & ~is_it(at) & ~stop(at)

    (last,) = tf.while_loop(goes_on, lambda at: (following(at),), (tf.constant(start, tf.int64),))
    found = (last + 8 <= end) & is_it(last)
    return tf.where(found, last, NONE)


def _jpeg_block(data: tf.Tensor) -> tf.Tensor:
    """Where the TIFF header of a JPEG's EXIF begins."""

    def is_exif(at: tf.Tensor) -> tf.Tensor:
        return (_number(data, at + 1, 1) == EXIF_SEGMENT) & (_number(data, at + 4, 4) == EXIF_MARK)

    def is_end(at: tf.Tensor) -> tf.Tensor:
        return (_number(data, at, 1) != 0xFF) | (_number(data, at + 1, 1) == SCAN)

    def following(at: tf.Tensor) -> tf.Tensor:
        fills = _number(data, at + 1, 1) == 0xFF  # any number of these may stand before a marker
        return tf.where(fills, at + 1, at + 2 + _number(data, at + 2, 2))

    at = _walk(data, 2, is_exif, is_end, following)
    return tf.where(at == NONE, at, at + 10)  # the marker, the length, and "Exif" with two zeros


def png_chunk(data: tf.Tensor, name: bytes) -> tf.Tensor:
    """Where the content of a PNG's first chunk of this name begins, ``()`` int64; :data:`NONE` where there is none.

    Args:
        data: the bytes of the file, ``(n,)`` int64.
        name: of four letters, such as ``eXIf``.
    """

    def is_it(at: tf.Tensor) -> tf.Tensor:
        return _number(data, at + 4, 4) == int.from_bytes(name, "big")

    at = _walk(data, 8, is_it, lambda at: tf.constant(False), lambda at: at + 12 + _number(data, at, 4))
    return tf.where(at == NONE, at, at + 8)  # the length and the name


def _orientation(data: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
    """Look the tag up in the first directory of a TIFF header."""
    big = _number(data, start, 2) == int.from_bytes(b"MM", "big")
    first = start + _number(data, start + 4, 4, big)
    entries = tf.range(tf.minimum(_number(data, first, 2, big), MOST))
    at = tf.reshape(first + 2 + ENTRY * entries, (-1, 1))
    is_long = _number(data, at + 2, 2, big) == LONG
    values = tf.where(is_long, _number(data, at + 8, 4, big), _number(data, at + 8, 2, big))
    return tf.reduce_max(tf.concat([tf.where(_number(data, at, 2, big) == TAG, values, 0), [0]], axis=0))
