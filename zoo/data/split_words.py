"""The words by which people name splits."""

from __future__ import annotations

WORDS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


def split_of(word: str) -> str | None:
    """The split that a word names: ``train``, ``validation`` or ``test``; None for another word."""
    return WORDS.get(word.strip().casefold())
