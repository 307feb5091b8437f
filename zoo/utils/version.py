"""The library's version, as its set-up, its exports and ``zoo.__version__`` read it."""

__version__ = "0.1.0"
