"""Rewrites of a built network that keep its numbers.

May import: models.
Imported by export only.
"""
