"""zoo/utils/threads.py and zoo/utils/paths_in.py."""

from pathlib import Path

import pytest

from zoo.utils.paths_in import PathsIn
from zoo.utils.threads import HANDED, in_threads


@pytest.mark.parametrize("count", [0, 1, HANDED, 3 * HANDED + 1])
def test_results_come_in_the_order_of_the_items(count):
    assert list(in_threads(str, range(count))) == [*map(str, range(count))]


def test_an_error_ends_all_of_it():
    done = []

    def work(item):
        done.append(item)
        if item == 0:
            raise KeyError(item)

    with pytest.raises(KeyError):
        list(in_threads(work, range(1000 * HANDED)))
    assert len(done) < 1000 * HANDED


def test_paths_are_made_when_they_are_asked_for():
    paths = PathsIn(Path("root"), ["a/1.png", "b.png"])
    assert list(paths) == [Path("root/a/1.png"), Path("root/b.png")]
    assert list(paths[1:]) == [Path("root/b.png")]
    assert list(in_threads(lambda path: path.name, paths)) == ["1.png", "b.png"]
