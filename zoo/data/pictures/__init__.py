"""One picture, from a file, bytes or an array to RGB bytes of one size.

May import: utils.
Imported by the other modules of data, and by what keeps or applies a reading of pixels.
"""
