"""Splits: their names, the words that people have for them, and how much is held out where there is none."""

from __future__ import annotations

HELD_OUT = 0.2  # of the training images, for validation
TRAIN, VALIDATION, TEST = SPLITS = ("train", "validation", "test")
WORDS = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("val", "valid", "validation", "dev"), VALIDATION),
    **dict.fromkeys(("test", "testing"), TEST),
}


def split_of(word: str) -> str | None:
    """The split that a word names: ``train``, ``validation`` or ``test``; None for another word."""
    return WORDS.get(word.strip().casefold())
