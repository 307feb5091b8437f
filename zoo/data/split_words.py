"""The words by which people name splits."""

from __future__ import annotations

TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")
WORDS = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), VALIDATION),
    **dict.fromkeys(("test", "testing"), TEST),
}


def split_of(word: str) -> str | None:
    """The split that a word names: ``train``, ``validation`` or ``test``; None for another word."""
    return WORDS.get(word.strip().casefold())
