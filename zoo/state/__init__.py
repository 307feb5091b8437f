"""What a fitted ensemble is: one frozen value, and what it holds."""
