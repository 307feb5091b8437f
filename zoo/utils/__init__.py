"""Help that knows nothing of images or networks; it imports nothing of this library."""
