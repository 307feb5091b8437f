"""How good members and rules are, on which images, and how they differ."""
