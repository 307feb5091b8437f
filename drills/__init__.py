"""Drills: what is done to the library on purpose, a thousand times over, and what is lost by it.

``python -m drills`` runs them all; ``make drills`` does it in the project's environment. Tests in ``tests/drills`` run
short versions.
"""
