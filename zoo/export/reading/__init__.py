"""Reading JPEG and PNG as TensorFlow operations: the pixels that :mod:`zoo.data.pictures` makes of the same files.

For graphs that take files. Every module names the one of :mod:`zoo.data.pictures`, or of Pillow, that it repeats.
"""
