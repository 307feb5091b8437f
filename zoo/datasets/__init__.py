"""Data that need no download: drawn blood smears with the faults of a collected set.

May import: utils.
Imported by data.
"""
