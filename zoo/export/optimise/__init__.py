"""Rewrites of a built network that keep its numbers.

Import from it: ``lean`` of ``stripping``.
"""
