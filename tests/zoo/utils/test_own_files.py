"""zoo/utils/own_files.py: a file is replaced only by a later one of its kind."""

import pytest

from zoo.utils.own_files import check_own


def test_what_is_not_there_and_what_is_empty_is_not_looked_at(tmp_path):
    (tmp_path / "empty").touch()
    for path in (tmp_path / "none", tmp_path / "empty", tmp_path):
        check_own(path, lambda _: 1 / 0, "an earlier one")


@pytest.mark.parametrize("own", [True, False])
def test_a_file_of_another_kind_is_refused(tmp_path, own, refused):
    (tmp_path / "file").write_text("mine")
    if own:
        check_own(tmp_path / "file", lambda path: path.read_text() == "mine", "an earlier one")
        return
    with refused("an earlier one", "file", "another path", error=FileExistsError):
        check_own(tmp_path / "file", lambda _: False, "an earlier one")
