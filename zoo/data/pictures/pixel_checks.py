"""Checks of arrays of images: shape, type and range, and whether anything but black is left of them."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np

from zoo.data.pictures.pillow_arrays import with_pillow_images_read
from zoo.data.pictures.pixel_reading import PixelReading
from zoo.utils.chunks import spans

KINDS = "iufb"  # NumPy's letters of the dtypes that are read
NEARLY_BLACK = 3  # of 255: what was divided by 255 and rounded has no more than 0, 1 and, after jitter, 2 and 3
BYTES = 255
FEW = 8  # files: fewer pictures may be nearly black by themselves
CHUNK = 256  # images at a time
DEPTH = "pass depth_range=(low, high) (zoo: --depth-range LOW,HIGH)"


def as_array(values: Any, what: str) -> np.ndarray:
    """Make one array of a list, of Pillow's images too; raises a ValueError where the entries differ in shape.

    A list of texts and others, such as None, becomes one of objects: NumPy would make the text "None" of it.
    """
    try:
        array = np.asarray(with_pillow_images_read(values))
        texts = array.ndim == 1 and array.dtype.kind in "US" and isinstance(values, list | tuple)
        return np.array(values, object) if texts and not all(isinstance(one, str | bytes) for one in values) else array
    except ValueError as error:
        raise ValueError(
            f"Expected {what} that fit one array; received some of different shapes. "
            "Load images of mixed sizes from a folder, which resizes them, or resize them first."
        ) from error


def as_stack(images: Any) -> np.ndarray:
    """Make one array of images, and check its shape; object arrays of equal images and of numbers are taken.

    Raises:
        ValueError: paths, images of mixed sizes, none, or another shape than that of grey, RGB or RGBA images.
    """
    if isinstance(images, np.memmap):
        _check_shape(images.shape)
        return images
    given, images = images, as_array(images, "images")
    _check_pixels_are_given(given, images)
    if images.dtype == object:
        images = _stacked(images)
    _check_shape(images.shape)
    return images


def check_header(shape: tuple[int, ...], kind: np.dtype[Any]) -> None:
    """Check shape and dtype of an array of images without reading it.

    Raises:
        ValueError: another shape than that of grey, RGB or RGBA images, or no numbers.
    """
    _check_shape(shape)
    if kind.kind not in KINDS:
        raise ValueError(f"Expected uint8 images of 0 to 255; received {kind}. Convert them to uint8.")


def check_range(images: np.ndarray) -> float:
    """Check that numbers are within 0 to 255, and return the highest.

    Raises:
        ValueError: NaN, infinity, or others.
    """
    check_header(images.shape, images.dtype)
    low, high = extremes(images)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError("Expected finite pixels of 0 to 255; received NaN or infinity. Find them: np.isnan(images).")
    if low < 0 or high > BYTES:
        unit = images.dtype.kind == "f" and low > -0.5 and high <= NEARLY_BLACK
        deep = images.dtype.kind in "iu" or (low >= 0 and high > BYTES + 1)
        remedy = (
            "If 0 to 1 is meant: np.rint(np.clip(images, 0, 1) * 255).astype('uint8')."
            if unit
            else f"If they have more than 8 bits, {DEPTH}."
            if deep
            else "Undo the normalisation: it is in the network."
        )
        raise ValueError(f"Expected pixels of 0 to 255; received {images.dtype} of {low:g} to {high:g}. {remedy}")
    return high


def check_brightness(dtype: np.dtype[Any], highest: float, count: int) -> None:
    """Check that more than a few of the 256 levels are left of some images, as pixels of 0 to 1 would leave two.

    Black bytes alone pass: nothing was lost of them. So does one image of bytes, which may be dark by itself.

    Raises:
        ValueError: numbers that stop at :data:`NEARLY_BLACK` or below.
    """
    if dtype == np.bool_ or highest > NEARLY_BLACK or highest < 0 or (highest == 0 and dtype.kind in "iu"):
        return
    if dtype == np.uint8 and count == 1:
        return
    if dtype.kind == "f":
        unit = "images" if highest <= 1 else "np.clip(images, 0, 1)"
        raise ValueError(
            f"Expected pixels of 0 to 255; received {dtype} up to {highest:g}, which looks like 0 to 1. "
            f"If so: np.rint({unit} * 255).astype('uint8'); or {DEPTH}."
        )
    raise ValueError(
        f"Expected pixels of 0 to 255; received {dtype} up to {highest:g}, which is nearly black. Of pixels divided by "
        "255, pass those before the division; a mask of 0 and 1: images.astype(bool)."
    )


def check_written(pixels: np.ndarray) -> None:
    """Check pixels of files ``(N, H, W, 3)`` uint8 as :func:`check_brightness` does those of arrays.

    Raises:
        ValueError: none is above :data:`NEARLY_BLACK`, but not all are 0.
    """
    if len(pixels) >= FEW:
        check_highest(len(pixels), brightness(pixels))


def check_highest(count: int, highest: float) -> None:
    """Check the highest level of all pixels of some files.

    Raises:
        ValueError: it is :data:`NEARLY_BLACK` or below, but not 0, and these are more than a few files.
    """
    if count >= FEW and 0 < highest <= NEARLY_BLACK:
        raise ValueError(
            f"Expected files with pixels of 0 to 255; those of {count} files end at {highest:g}, so they are "
            "nearly black. Write pixels that were divided by 255, and masks of 0 and 1, times 255."
        )


def check_scaled(images: np.ndarray, reading: PixelReading) -> None:
    """Check that the depth range leaves something of values that look like 0 to 1 or 0 to 255.

    Raises:
        ValueError: nearly nothing is left.
    """
    if reading.depth_range is None:
        return
    darkest, brightest = reading.depth_range
    black = darkest + (NEARLY_BLACK + 0.5) / BYTES * (brightest - darkest)  # above it more is left
    if brightness(images, black) > black:
        return
    low, high = extremes(images)
    if 0 < high <= BYTES and high > low:
        raise ValueError(
            f"Expected pixels that the depth range {darkest:g} to {brightest:g} scales; received {images.dtype} of "
            f"{low:g} to {high:g}, which it makes nearly black. Pass values as the training images had them; bytes of "
            "0 to 255 as uint8: images.astype('uint8')."
        )


def brightness(pixels: np.ndarray, enough: float = NEARLY_BLACK) -> float:
    """The highest value, or the first one found above ``enough``."""
    highest = float("-inf")
    for span in spans(len(pixels), CHUNK):
        highest = max(highest, float(pixels[span].max()))
        if highest > enough:
            break
    return highest


def extremes(images: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest value; NaN where there is one."""
    pairs = [(images[span].min(), images[span].max()) for span in spans(len(images), CHUNK)]
    return float(np.min([low for low, _ in pairs])), float(np.max([high for _, high in pairs]))


def _check_pixels_are_given(given: Any, images: np.ndarray) -> None:
    """Tell users who pass files, or all splits at once, what takes them."""
    first = images.flat[0] if images.size and images.ndim <= 1 else None
    if isinstance(first, str | PathLike):
        raise ValueError(
            f"Expected images (N, H, W, 3); received a path, {str(first)!r}. zoo.predict(MODEL, DATA, 'answers.csv') "
            "answers files; zoo.load reads labelled ones."
        )
    if images.ndim == 0 and not isinstance(given, np.ndarray):
        raise ValueError(
            f"Expected images (N, H, W, 3); received {type(given).__name__}. Pass an array, or one split of what "
            "zoo.load returned, such as splits.test."
        )


def _stacked(images: np.ndarray) -> np.ndarray:
    shapes = {np.shape(image) for image in np.atleast_1d(images)}
    if len(shapes) != 1 or () in shapes:
        raise ValueError(
            "Expected one array of (N, H, W, 3); received an object array, so images of mixed sizes. "
            "Load them from a folder, which resizes them, or resize them first."
        )
    stacked = np.stack([np.asarray(image) for image in images])
    return np.array(stacked.tolist()) if stacked.dtype == object else stacked  # numbers, each an object


def _check_shape(shape: tuple[int, ...]) -> None:
    if 0 in shape:
        raise ValueError(f"Expected images; received none: an array of shape {shape}.")
    grey = len(shape) == 3 and shape[-1] not in (3, 4)
    if not grey and (len(shape) != 4 or shape[-1] not in (1, 3, 4)):
        raise ValueError(
            f"Expected images (N, H, W, 3), grey (N, H, W) or RGBA (N, H, W, 4); received an array of shape {shape}. "
            f"{_shape_fix(shape)}"
        )


def _shape_fix(shape: tuple[int, ...]) -> str:
    match shape:
        case (_, _, 3 | 4):
            return "For one image: images[None]."
        case (_, 1 | 3 | 4, _, _):
            return "To put the channels last: images.transpose(0, 2, 3, 1)."
        case (_, _, _, _):
            return "Choose three channels: images[..., [0, 1, 2]]."
    return "Pass images of shape (N, H, W, 3)."
