"""Members of members: mean logits, views at test time, mean weights."""
