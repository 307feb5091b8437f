"""The earlier name of :mod:`zoo.data.loading`."""

from __future__ import annotations

import warnings

from zoo.data.loading import with_validation

__all__ = ["with_validation"]

warnings.warn("zoo.data.prepare is now zoo.data.loading.", DeprecationWarning, stacklevel=2)
