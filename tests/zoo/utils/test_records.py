"""zoo/utils/records.py."""

import pytest

from zoo.utils.records import as_written, check_entries


def test_entries_are_there_and_of_their_kinds():
    check_entries({"a": 1, "b": ["x"], "more": object()}, {"a": int, "b": tuple[str, ...], "c": float | None}, "it")
    with pytest.raises(ValueError, match=r"'a' in it"):
        check_entries({}, {"a": int}, "it")
    with pytest.raises(ValueError, match=r"'a' in it as a whole number.*'1'"):
        check_entries({"a": "1"}, {"a": int}, "it")


@pytest.mark.parametrize("read", [lambda: {}["a"], lambda: None + 1, lambda: None.a, lambda: "ab"[3], lambda: int("x")])
def test_what_python_raises_of_a_record_is_told_as_a_damaged_one(read):
    with pytest.raises(ValueError, match=r"Expected it as it was written"), as_written("it"):
        read()


def test_errors_that_say_what_was_expected_stay():
    with pytest.raises(ValueError, match=r"^Expected another\.$"), as_written("it"):
        raise ValueError("Expected another.")
