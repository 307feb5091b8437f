"""The command line: one file a command, and what they share.

Import from it: nothing; ``main`` in ``main.py`` is the command ``zoo``.
"""
