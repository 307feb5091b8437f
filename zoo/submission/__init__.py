"""Submissions: a zip of ``model.py`` and a SavedModel, for servers that have TensorFlow and NumPy alone."""

from zoo.submission.write import write_submission

__all__ = ["write_submission"]
