"""Labels as users have them: numbered, given back, written down."""

import json

import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning

from zoo.data import Splits, load
from zoo.data.targets import Targets, as_sources, is_array, targets_from

IMAGES = np.zeros((6, 8, 8, 3), np.uint8)

KINDS = {
    "numbers": (np.array([7, 3, 7, 3, -1, -1]), [-1, 3, 7]),
    "strings": (np.array(["mast", "blast", "mast", "blast", "ghost", "ghost"]), ["blast", "ghost", "mast"]),
    "objects": (np.array(["b", "a", "b", "a", "b", "a"], dtype=object), ["a", "b"]),
    "bools": (np.array([True, False, True, False, True, False]), [False, True]),
    "whole floats": (np.array([2.0, 1.0, 2.0, 1.0, 2.0, 1.0]), [1.0, 2.0]),
    "small numbers": (np.array([200, 9, 200, 9, 200, 9], np.uint8), [9, 200]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_any_kind_are_numbered_and_given_back(kind):
    given, expected = KINDS[kind]
    source, validation, labels = as_sources(IMAGES, given)
    assert validation is None
    assert labels.tolist() == expected
    assert labels.dtype == given.dtype
    assert source.classes == tuple(map(str, expected))
    answers = Targets(source.classes, labels).answers(source.train.labels)
    np.testing.assert_array_equal(answers, given)
    assert answers.dtype == given.dtype


@pytest.mark.parametrize("kind", KINDS)
def test_labels_survive_json(kind):
    given, _ = KINDS[kind]
    source, _, labels = as_sources(IMAGES, given)
    targets = Targets(source.classes, labels)
    read = targets_from(json.loads(json.dumps(targets.as_dict() | {"format": 2})))
    assert read.names == targets.names
    assert read.labels.dtype == labels.dtype
    np.testing.assert_array_equal(read.labels, labels)


def test_classes_that_a_source_names_survive_json_as_before():
    plain = Targets(("red", "blue")).as_dict()
    assert plain == {"classes": ["red", "blue"]}
    read = targets_from(plain)
    assert read.labels is None
    assert read.classes.tolist() == ["red", "blue"]
    np.testing.assert_array_equal(read.answers(np.array([1, 0])), [1, 0])


def test_lists_are_arrays_and_tuples_are_labels():
    source, _, labels = as_sources(IMAGES.tolist(), (3, 7, 3, 7, 3, 7))
    assert labels.tolist() == [3, 7]
    assert source.train.labels.tolist() == [0, 1, 0, 1, 0, 1]
    np.testing.assert_array_equal(source.train.take(np.arange(6)), IMAGES)


def test_sources_pass():
    splits = load(IMAGES, np.arange(6) % 2)
    pair = (IMAGES, np.arange(6) % 2)
    for source in (splits, splits.train, pair, "folder", None):
        assert not is_array(source)
        assert as_sources(source, splits) == (source, splits, None)


def test_a_column_of_labels_is_taken_with_scikit_learns_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        _, _, labels = as_sources(IMAGES, np.array([[3], [7]] * 3))
    assert labels.tolist() == [3, 7]


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (None, r"requires y to be passed, but the target y is None"),
        ([3, 7, 3, 7], "6 images.*4 labels"),
        ([7] * 6, "2 classes"),
        (np.linspace(0, 1, 6), "continuous"),
        ([1, 2, 1, 2, 1, np.nan], "NaN"),
        (np.array(["a", "b", "a", "b", np.nan, "a"], object), r"1 of 6 are missing, such as that of row 4"),
        (["a", "b", "a", "b", None, "a"], r"1 of 6 are missing, such as that of row 4"),
        (["a", "b", "a", float("nan"), "b", "a"], r"1 of 6 are missing, such as that of row 3"),
        (["a", "", "a", "", "b", "a"], r"2 of 6 are missing, such as that of row 1"),
        (["a", 2] * 3, "all of one kind"),
        ((), "6 images and 0 labels"),
        (np.eye(6), r"1d array.*\(6, 6\)"),
        (np.array([1, 2, 1, 2, 1, 2], dtype=object), "object"),
        (np.array(["a", 2, "a", 2, "a", 2], dtype=object), r"labels\.astype\(str\)"),
        (np.array([b"a", b"b"] * 3), "S1"),
        (np.array(["2024-01-01", "2024-01-02"] * 3, "datetime64[D]"), "datetime64"),
    ],
)
def test_what_names_no_classes_is_refused(labels, text):
    with pytest.raises(ValueError, match=text):
        as_sources(IMAGES, labels)


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_missing_labels_are_no_class_of_images_to_score_either(missing):
    labels = ["a", "b", "a", "b", missing, "a"]
    with pytest.raises(ValueError, match="row 4"):
        load(IMAGES, labels)
    with pytest.raises(ValueError, match="row 4"):
        Targets(("a", "b")).ids(labels, 6)


@pytest.mark.parametrize(
    "second",
    ["validation/", (IMAGES, np.arange(6) % 2), load(IMAGES, np.arange(6) % 2)],
    ids=["path", "pair", "splits"],
)
def test_another_source_in_place_of_labels_is_refused(second):
    kind = type(second).__name__
    with pytest.raises(TypeError, match=rf"{kind}.*fit\(\(images, labels\), validation\)"):
        as_sources(IMAGES, second)


def test_the_users_labels_of_other_sources_are_numbered_alike():
    known = Targets(("3", "7", "9"), np.array([3, 7, 9])).known
    for given in ([9, 3, 9, 3, 9, 3], ["9", "3", "9", "3", "9", "3"], np.array([9.0, 3.0] * 3)):
        assert load(IMAGES, given, classes=known, whole=False).train.labels.tolist() == [2, 0, 2, 0, 2, 0]
    assert load((IMAGES, [7] * 6), classes=known, whole=False).train.labels.tolist() == [1] * 6
    with pytest.raises(ValueError, match=r"3, 7, 9.*4, 8"):
        load(IMAGES, [8, 3, 4, 3, 9, 3], classes=known, whole=False)
    with pytest.raises(ValueError, match=r"3, 7, 9.*bool"):
        load(IMAGES, [True] * 6, classes=known, whole=False)


def test_a_label_that_the_fit_did_not_see_has_no_class():
    targets = Targets(("3", "7", "9"), np.array([3, 7, 9]))
    assert targets.ids([9, 3, 8], 3).tolist() == [2, 0, -1]
    with pytest.raises(ValueError, match=r"3, 7, 9.*class ids.*classes_"):
        targets.ids([0, 1, 2], 3)
    with pytest.raises(ValueError, match=r"3, 7, 9.*a, b"):
        targets.ids(["a", "b", "b"], 3)
    with pytest.raises(ValueError, match=r"a, b.*int64.*names"):
        Targets(("a", "b"), np.array(["a", "b"])).ids([0, 1, 1], 3)


def test_splits_know_nothing_of_the_users_labels():
    source, _, _ = as_sources(IMAGES, KINDS["numbers"][0])
    assert isinstance(source, Splits)
    assert source.train.labels.dtype == np.int64


def test_codes_of_a_table_are_kept_and_older_records_have_none():
    targets = Targets(("a", "b"), None, {"class_id": ("4", "2")})
    again = targets_from(targets.as_dict())
    assert (again.names, again.codes, again.known.codes) == (targets.names, targets.codes, targets.codes)
    assert Targets(("a", "b")).as_dict() == {"classes": ["a", "b"]}
