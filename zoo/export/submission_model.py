"""An image classifier in two files: this one and the SavedModel beside it. Needs TensorFlow and NumPy.

>>> from model import Model
>>> Model().predict(X)     # X: (n, height, width, 3), RGB of 0 to 255; returns (n,), each one of Model().answers
"""

import json
import os

import numpy as np
import tensorflow as tf

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "saved_model")
BATCH = 64
ANSWERS = "labels"  # of predict: those that the fit was given, else class ids; or always "ids", or "names"


class Model:
    """The classifier; loads its SavedModel once, from beside this file."""

    def __init__(self):
        self.loaded = tf.saved_model.load(FOLDER)
        self.serve = self.loaded.signatures["serving_default"]
        self.shape = tuple(self.serve.structured_input_signature[1]["images"].shape[1:])
        self.classes = self.serve.structured_outputs["probabilities"].shape[-1]
        self.answers = self._read_answers()

    def predict(self, X):
        """Return the answer for each image: (n, height, width, 3) of 0 to 255 in, (n,) elements of self.answers out."""
        return self.answers[self.predict_proba(X).argmax(axis=-1)]

    def predict_proba(self, X):
        """Return the probability of each class: (n, classes) float32."""
        images = self._as_uint8(np.asarray(X))
        probabilities = np.empty((len(images), self.classes), np.float32)
        for start in range(0, len(images), BATCH):
            batch = tf.constant(images[start : start + BATCH])
            probabilities[start : start + BATCH] = self.serve(images=batch)["probabilities"].numpy()
        return probabilities

    def _read_answers(self):
        with open(os.path.join(FOLDER, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        labels = manifest.get("labels")
        if ANSWERS == "names":
            return np.array(manifest["classes"])
        if ANSWERS == "labels" and labels:
            return np.array(labels["values"], labels["dtype"])
        return np.arange(self.classes)

    def _as_uint8(self, images):
        if images.ndim != 4 or images.shape[1:] != self.shape:
            raise ValueError("Expected images of shape (n, %d, %d, %d); received %s." % (*self.shape, images.shape))
        if images.dtype == np.uint8 or not len(images):
            return images.astype(np.uint8)
        low, high = float(images.min()), float(images.max())
        if not (low >= 0 and high <= 255) or (images.dtype.kind == "f" and high <= 1):
            raise ValueError("Expected pixels of 0 to 255; received %g to %g." % (low, high))
        return np.rint(images).astype(np.uint8)


_MODEL = None


def predict(X):
    """Answer as ``Model().predict`` does; the model is loaded at the first call."""
    global _MODEL
    if _MODEL is None:
        _MODEL = Model()
    return _MODEL.predict(X)
