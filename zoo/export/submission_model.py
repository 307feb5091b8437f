"""An image classifier in two files: this one and the SavedModel beside it. Needs TensorFlow and NumPy.

>>> from model import Model
>>> Model().predict(X)     # X: (n, height, width, 3), RGB of 0 to 255; returns (n,), each one of Model().answers

Grey images (n, height, width[, 1]) and such with alpha (n, height, width, 4) are taken too, and those of more than 8
bits if the training images had them: saved_model/manifest.json has under "reading" how they are read.
"""

import json
import os
import warnings

import numpy as np
import tensorflow as tf

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "saved_model")
BATCH = 64
ANSWERS = "labels"  # of predict: those that the fit was given, else class ids; or always "ids", or "names"
NEARLY_BLACK, DARK = 3, 31  # of 255: pixels that were divided by 255 have no more; an eighth of the range


class Model:
    """The classifier; loads its SavedModel once, from beside this file."""

    def __init__(self):
        self.loaded = tf.saved_model.load(FOLDER)
        self.serve = self.loaded.signatures["serving_default"]
        self.shape = tuple(self.serve.structured_input_signature[1]["images"].shape[1:])
        self.classes = self.serve.structured_outputs["probabilities"].shape[-1]
        with open(os.path.join(FOLDER, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        self.reading = manifest["reading"]
        self.answers = self._answers_of(manifest)

    def predict(self, X):
        """Return the answer for each image: (n, height, width, 3) of 0 to 255 in, (n,) elements of self.answers out."""
        return self.answers[self.predict_proba(X).argmax(axis=-1)]

    def predict_proba(self, X):
        """Return the probability of each class: (n, classes) float32."""
        images = self._as_rgb(self._as_array(X))
        probabilities = np.empty((len(images), self.classes), np.float32)
        for start in range(0, len(images), BATCH):
            batch = tf.constant(images[start : start + BATCH])
            probabilities[start : start + BATCH] = self.serve(images=batch)["probabilities"].numpy()
        return probabilities

    def _answers_of(self, manifest):
        labels = manifest.get("labels")
        if ANSWERS == "names":
            return np.array(manifest["classes"])
        if ANSWERS == "labels" and labels:
            return np.array(labels["values"], labels["dtype"])
        return np.arange(self.classes)

    def _as_array(self, X):
        """One array of the images, which may also be the elements of a list or of an object array."""
        of_objects = getattr(getattr(X, "dtype", None), "kind", "") == "O" and np.ndim(X) > 0
        images = self._stacked(X) if isinstance(X, (list, tuple)) or of_objects else np.asarray(X)
        if images.dtype.kind not in "buif":
            raise ValueError("Expected pixels as numbers; received %s. Read the images first." % images.dtype)
        return images

    def _stacked(self, elements):
        images = [np.asarray(one) for one in elements]
        images = [np.array(one.tolist()) if one.dtype.kind == "O" else one for one in images]
        shapes = sorted({one.shape for one in images})
        if len(shapes) > 1:
            alike = len({shape[:2] for shape in shapes}) == 1
            raise ValueError(
                "Expected images of one shape; received %d shapes, such as %s and %s. " % (len(shapes), *shapes[:2])
                + ("Convert all to RGB." if alike else self._how_to_resize())
            )
        return np.stack(images) if images else np.empty(0)

    def _as_rgb(self, images):
        """Grey becomes RGB, and transparent pixels are laid over the background: (n, height, width, 3) uint8 out."""
        images = images[..., None] if images.shape[1:] == self.shape[:2] else images
        if images.ndim != 4 or images.shape[1:3] != self.shape[:2] or images.shape[3] not in (1, 3, 4):
            raise ValueError(self._other_shape(images.shape))
        if not len(images):
            return np.empty((0, *self.shape), np.uint8)
        pixels = self._as_uint8(images[..., :3])
        if images.shape[3] == 4:
            opaque = self._as_opacity(images[..., 3:])
            laid = pixels * opaque + np.asarray(self.reading["background"], np.float32) * (1 - opaque)
            pixels = np.rint(laid).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(pixels, (len(images), *self.shape)))

    def _other_shape(self, shape):
        """What to do about images of another shape; they are not resized here, as Pillow would be needed for that."""
        text = "Expected images of shape (n, %d, %d, %d); received %s. " % (*self.shape, shape)
        if len(shape) == 3 and (shape[:2] == self.shape[:2] or shape[2] in (3, 4)):
            text += "For one image: X[None]. "
        if len(shape) == 4 and shape[1] in (1, 3, 4) and shape[3] not in (1, 3, 4):
            return text + "Put the channels last: X.transpose(0, 2, 3, 1)."
        if shape[-3:-1] == self.shape[:2]:
            return text + "Pass grey, RGB or RGBA."
        return text + self._how_to_resize()

    def _how_to_resize(self):
        how = {
            "squash": "their aspect changes with it",
            "pad": "keep their aspect, and fill the borders with the colour %s" % (self.reading["background"],),
            "crop": "keep their aspect, and cut off what is too long, on both sides alike",
        }[self.reading.get("fit", "squash")]
        return "Resize them to %d x %d (height x width) first, as the training images were: %s." % (
            *self.shape[:2],
            how,
        )

    def _as_uint8(self, images):
        if images.dtype == np.bool_:
            return images.astype(np.uint8) * np.uint8(255)
        low, high = float(images.min()), float(images.max())
        limits = self.reading["depth_range"]
        deep = limits is not None and images.dtype != np.uint8
        if not deep and not (low >= 0 and high <= 255):
            raise ValueError("Expected pixels of 0 to 255; received %g to %g." % (low, high))
        if deep:
            pixels = self._scaled(images, *limits)
            self._check_levels(images, pixels, limits)
            return pixels
        pixels = np.rint(images).astype(np.uint8)
        alone = images.dtype == np.uint8 and len(images) == 1  # one picture may be dark by itself
        if pixels.max() <= NEARLY_BLACK and (high > 0 or images.dtype.kind == "f") and not alone:
            raise ValueError(
                "Expected pixels of 0 to 255; received %s of %g to %g, which are nearly black. Of pixels divided by "
                "255, pass those before the division." % (images.dtype, low, high)
            )
        return pixels

    def _check_levels(self, images, pixels, limits):
        """Refuse images of another scale than the training's; one black picture may be black by itself."""
        low, high = np.fmin.reduce(images, axis=None), np.fmax.reduce(images, axis=None)
        received = "%s of %g to %g" % (images.dtype, low, high)
        remedy = "Convert them to the scale of the training images" + (
            "; bytes of 0 to 255 as uint8: X.astype('uint8')." if 1 < high <= 255 and low >= 0 else "."
        )
        wanted = "values of which %g to %g become 0 to 255" % tuple(limits)
        highest = np.percentile(pixels, 99.9, axis=(1, 2, 3))
        lost = np.mean(pixels == 255) + np.mean(images < limits[0])
        black = highest.max() <= NEARLY_BLACK and (len(images) > 1 or (high > low and 0 < high <= 255))
        if black or (len(images) > 1 and np.mean(pixels == 255) > 0.99):
            kind = "black" if black else "white"
            raise ValueError("Expected %s; received %s, which are nearly %s. %s" % (wanted, received, kind, remedy))
        dark = np.percentile(highest, 95, method="lower") <= DARK
        if dark or lost > 0.5:
            kind = "dark" if dark else "beyond that range"
            warnings.warn("expected %s; %s are mostly %s. %s" % (wanted, received, kind, remedy), stacklevel=5)

    def _as_opacity(self, alpha):
        most = 1 if alpha.dtype == np.bool_ else 255
        limits = self.reading["depth_range"]
        if limits is not None and alpha.dtype not in (np.uint8, np.bool_):
            # Opaque is the full value of the fewest bits that hold the image's alphas and the depth range, 1 of floats.
            least = limits[1] if alpha.dtype.kind in "iu" else 1
            highest = np.maximum(alpha.max(axis=(1, 2, 3), keepdims=True), least).astype(np.float64)
            full = np.array([1, 255, 1023, 4095, 16383, 65535, np.inf])
            most = full[np.searchsorted(full, highest)]
            most = np.where(np.isinf(most), highest, most)
        return self._scaled(alpha, 0, most).astype(np.float32) / np.float32(255)

    def _scaled(self, images, low, high):
        scaled = (images.astype(np.float32) - np.float32(low)) * np.float32(255 / (high - low))
        return np.rint(np.clip(np.nan_to_num(scaled, nan=0.0), 0, 255)).astype(np.uint8)


_MODEL = None


def predict(X):
    """Answer as ``Model().predict`` does; the model is loaded at the first call."""
    global _MODEL
    if _MODEL is None:
        _MODEL = Model()
    return _MODEL.predict(X)
