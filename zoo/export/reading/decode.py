"""The pixels of a JPEG or a PNG as RGB bytes, upright: as :mod:`zoo.data.pictures` reads the same file."""

from __future__ import annotations

import tensorflow as tf

from zoo.data.pictures.metadata import JPEG, PNG
from zoo.data.pictures.picture import GAP, LARGE
from zoo.data.pictures.pixel_reading import Colour, PixelReading
from zoo.export.reading.framing import resized
from zoo.export.reading.orientation import NONE, orientation_of, png_chunk, turned
from zoo.utils.text import Size

DEPTH = 24  # of a PNG's header, the byte that has the bits a channel; the next one has the kind of colours
GREY, PALETTE = 0, 3  # of the kinds of a PNG
RATIOS = (1, 2, 4, 8)  # in which libjpeg decodes
CMYK = 4  # channels
FULL = 65535.0


def read(contents: tf.Tensor, size: Size, reading: PixelReading) -> tf.Tensor:
    """Read the bytes of one file, ``()`` string, as ``(*size, 3)`` uint8.

    Raises:
        tf.errors.InvalidArgumentError: when it runs: neither JPEG nor PNG, a CMYK JPEG, a PNG of 16 bits where the
            training had no depth range, or a broken file.
    """
    is_jpeg = tf.strings.substr(contents, 0, len(JPEG)) == JPEG
    is_png = tf.strings.substr(contents, 0, len(PNG)) == PNG
    known = tf.debugging.Assert(
        is_jpeg | is_png, ["Expected a JPEG or a PNG; received other bytes. Convert it, or read it with zoo predict."]
    )
    with tf.control_dependencies([known]):
        orientation = orientation_of(contents, is_jpeg)
        decoded = tf.cond(is_jpeg, lambda: _jpeg(contents, size, orientation), lambda: _png(contents, reading))
    return resized(turned(decoded, orientation), size, reading)


def _jpeg(contents: tf.Tensor, size: Size, orientation: tf.Tensor) -> tf.Tensor:
    """Decode a JPEG, a large one in a lower resolution where that is enough."""
    shape = tf.io.extract_jpeg_shape(contents)
    colours = tf.debugging.Assert(
        shape[2] != CMYK, ["Expected a JPEG of grey or RGB; received CMYK. Convert it, or read it with zoo predict."]
    )
    wanted = GAP * tf.where(orientation >= 5, tf.constant(size[::-1]), tf.constant(size))
    scale = tf.where(shape[0] * shape[1] > LARGE, tf.reduce_min(shape[:2] // wanted), 1)
    with tf.control_dependencies([colours]):
        index = tf.reduce_sum(tf.cast(scale >= tf.constant(RATIOS[1:]), tf.int32))
        return tf.switch_case(index, [_jpeg_reader(contents, ratio) for ratio in RATIOS])


def _jpeg_reader(contents: tf.Tensor, ratio: int) -> object:
    # Pillow decodes with libjpeg's accurate cosine transform too: pixels are equal.
    return lambda: tf.io.decode_jpeg(contents, channels=3, ratio=ratio, dct_method="INTEGER_ACCURATE")


def _png(contents: tf.Tensor, reading: PixelReading) -> tf.Tensor:
    header = tf.io.decode_raw(tf.strings.substr(contents, DEPTH, 2), tf.uint8)
    depth, colours = header[0], header[1]
    shallow = tf.where(colours == GREY, 1, tf.where(colours == PALETTE, 2, 0))
    readers = [
        lambda: tf.io.decode_png(contents, channels=4),
        lambda: _shallow_grey(contents),
        lambda: _shallow_palette(contents),
        lambda: _deep(contents, reading),
    ]
    pixels = tf.switch_case(tf.where(depth == 16, 3, tf.where(depth < 8, shallow, 0)), readers)
    return _over(pixels, reading.background)


def _shallow_grey(contents: tf.Tensor) -> tf.Tensor:
    """A grey PNG of 1, 2 or 4 bits: with a channel of alpha TensorFlow would not stretch its values to 255."""
    grey = tf.io.decode_png(contents, channels=1)
    return tf.concat([grey, grey, grey, tf.fill(tf.shape(grey), tf.constant(255, tf.uint8))], axis=-1)


def _shallow_palette(contents: tf.Tensor) -> tf.Tensor:
    """A PNG of 2, 4 or 16 colours: TensorFlow invents a channel of alpha for one that has no transparent colours."""
    data = tf.cast(tf.io.decode_raw(contents, tf.uint8), tf.int64)
    pixels = tf.io.decode_png(contents, channels=4)
    opaque = tf.fill(tf.shape(pixels[..., 3:]), tf.constant(255, tf.uint8))
    alpha = tf.where(png_chunk(data, b"tRNS") == NONE, opaque, pixels[..., 3:])
    return tf.concat([tf.io.decode_png(contents, channels=3), alpha], axis=-1)


def _deep(contents: tf.Tensor, reading: PixelReading) -> tf.Tensor:
    """A PNG of 16 bits a channel as bytes, by the depth range: :func:`zoo.data.pictures.depth.picture_to_bytes`."""
    if reading.depth_range is None:
        text = "Expected a PNG of 8 bits a channel, as the training images had no depth range; received 16. Convert it."
        with tf.control_dependencies([tf.debugging.Assert(False, [text])]):
            return tf.io.decode_png(contents, channels=4)
    values = tf.cast(tf.io.decode_png(contents, channels=4, dtype=tf.uint16), tf.float32)
    colours = _to_bytes(values[..., :3], *reading.depth_range)
    return tf.concat([colours, _to_bytes(values[..., 3:], 0.0, FULL)], axis=-1)


def _to_bytes(values: tf.Tensor, low: float, high: float) -> tf.Tensor:
    scaled = (values - tf.constant(low, tf.float32)) * tf.constant(255 / (high - low), tf.float32)
    return tf.cast(tf.round(tf.clip_by_value(scaled, 0, 255)), tf.uint8)


def _over(pixels: tf.Tensor, background: Colour) -> tf.Tensor:
    """Lay RGBA over a colour: the integers of ``Image.alpha_composite`` over an opaque ground."""
    values = tf.cast(pixels, tf.int32)
    colours, alpha = values[..., :3], values[..., 3:]
    mixed = colours * alpha + tf.constant(background, tf.int32) * (255 - alpha)
    total = 128 * (mixed + 128)
    return tf.cast((total // 256 + total) // 32768, tf.uint8)
