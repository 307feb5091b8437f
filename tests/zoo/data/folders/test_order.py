"""zoo/data/folders/walk.py: the order of paths."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from zoo.data.folders.walk import natural_path, sort_paths


@given(st.lists(st.text(st.sampled_from("a012 /._é"), max_size=8), max_size=12))
def test_sorting_key_by_key_is_sorting_by_the_whole_key(texts):
    paths = [unicodedata.normalize("NFD" if row % 2 else "NFC", text) for row, text in enumerate(texts)]
    expected = sorted(paths, key=natural_path)
    sort_paths(paths)
    assert paths == expected
