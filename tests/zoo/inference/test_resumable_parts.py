"""zoo/inference/resumable_parts.py."""

import logging
import re

import numpy as np
import pytest

from zoo.inference.resumable_parts import Part, Parts

PLAN = {"images": "some", "model": "one"}


@pytest.fixture
def parts(tmp_path):
    return Parts(tmp_path / "out.csv.parts")


def _part(places, failures=None):
    answers = {"probabilities": np.ones((len(places), 2), np.float32), "places": np.arange(len(places))}
    return Part(np.array(places, np.int64), answers, failures or {})


def test_a_part_is_read_as_it_was_written(parts):
    parts.begin(PLAN)
    parts.write(3, _part([6, 8], {7: "no image, “ä”\n"}))
    read = parts.read(3)
    assert read.places.tolist() == [6, 8]
    assert read.failures == {7: "no image, “ä”\n"}
    assert read.answers["probabilities"].dtype == np.float32
    assert read.answers["places"].tolist() == [0, 1]


def test_a_part_may_be_of_failures_alone(parts):
    parts.begin(PLAN)
    parts.write(0, _part([], {0: "cut"}))
    assert parts.read(0).failures == {0: "cut"}
    assert parts.read(0).answers["probabilities"].shape == (0, 2)


def test_the_same_plan_goes_on_after_the_last_whole_part(parts):
    assert parts.begin(PLAN) == 0
    for number in (0, 1, 2, 4):
        parts.write(number, _part([number]))
    assert parts.begin(PLAN) == 3
    path = parts.folder / "answers" / "000001.npz"
    path.write_bytes(path.read_bytes()[:-40])
    assert Parts(parts.folder).begin(PLAN) == 1
    with pytest.raises(OSError, match="part"):
        parts.read(1)


def test_another_plan_begins_anew_and_says_what_changed(parts, caplog):
    parts.begin(PLAN)
    parts.write(0, _part([0]))
    parts.scratch.mkdir()
    (parts.scratch / "images.npy").write_text("")
    (parts.folder.parent / f".12345678.{parts.folder.name}").mkdir()
    with caplog.at_level(logging.INFO, "zoo"):
        assert parts.begin(PLAN | {"images": "others"}) == 0
    assert [path.name for path in parts.folder.iterdir()] == ["plan.json"]
    assert [path.name for path in parts.folder.parent.iterdir()] == [parts.folder.name]
    assert re.search("anew.*images", caplog.text)


def test_a_folder_of_other_things_is_left_alone(parts):
    parts.folder.mkdir()
    (parts.folder / "thesis.txt").write_text("")
    with pytest.raises(FileExistsError, match=parts.folder.name):
        parts.begin(PLAN)
    (parts.folder / "thesis.txt").rename(parts.folder.parent / "thesis.txt")
    parts.begin(PLAN)
    (parts.folder / "thesis.txt").write_text("")
    with pytest.raises(FileExistsError, match=r"thesis\.txt"):
        parts.begin(PLAN | {"model": "another"})


def test_a_part_in_anothers_place_is_predicted_again(parts):
    parts.begin(PLAN)
    parts.write(0, _part([0, 1]))
    parts.write(1, _part([2, 3]))
    first, second = sorted((parts.folder / "answers").glob("*.npz"))
    second.write_bytes(first.read_bytes())
    assert parts.begin(PLAN) == 1


@pytest.mark.parametrize("text", ["[]", "3", "no JSON", "null"])
def test_a_damaged_plan_is_begun_anew(parts, text):
    parts.begin(PLAN)
    parts.write(0, _part([0, 1]))
    (parts.folder / "plan.json").write_text(text)
    assert parts.begin(PLAN) == 0
