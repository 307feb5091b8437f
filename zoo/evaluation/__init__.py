"""Scores, from what a fitted ensemble is."""
