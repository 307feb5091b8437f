"""Data that need no download: drawn blood smears with the faults of a collected set.

Import from it: ``smears`` of ``smears``, and ``draw_doodle`` of ``doodles``.
"""
