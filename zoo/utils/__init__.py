"""Helpers independent of images and networks: files, locks, options, text, timing, logging.

May import: nothing of this library.
Imported by every other room.
"""
