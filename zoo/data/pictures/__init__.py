"""One picture, from a file, bytes or an array to RGB bytes of one size.

Import from it: its modules, first of all ``decode``, ``image_io`` and ``pixel_reading``.
"""
