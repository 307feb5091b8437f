"""Helpers independent of images and networks: files, locks, options, text, timing, logging.

Import from it: its modules.
"""
