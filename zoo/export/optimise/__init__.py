"""Rewrites of a built network that keep its numbers."""
