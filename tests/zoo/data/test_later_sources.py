"""A label of a later source means the class that it meant to the fit, or is refused: never another in silence."""

import numpy as np
import pandas
import pytest
import tensorflow as tf
from PIL import Image

from zoo.data import Splits, load
from zoo.data.loading import with_validation
from zoo.data.targets import Targets, as_sources

pytestmark = pytest.mark.fits

CONVENTIONS = {  # how the red, the green and the blue class are called
    "ids": np.array([0, 1, 2]),
    "from 1": np.array([1, 2, 3]),
    "gaps": np.array([-5, 2, 40]),
    "names": np.array(["blé", "café", "thé"]),
    "digits": np.array(["1", "2", "3"]),
    "natural": np.array(["2", "10", "11"]),  # which sort otherwise as texts
    "floats": np.array([1.0, 2.0, 3.0]),
}
TRUTH = np.arange(30) % 3


def pixels():
    """30 pictures whose brightest channel is their class."""
    drawn = np.random.default_rng(0).integers(0, 80, (30, 8, 8, 3)).astype(np.uint8)
    drawn[np.arange(30), ..., TRUTH] += 120
    return drawn


X = pixels()


def texts(labels):
    return np.array([str(label) for label in labels.tolist()])


def folder(root, names, rows=range(30)):
    for row in rows:
        place = root / str(names[TRUTH[row]])
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(X[row]).save(place / f"{row}.png")
    return root


def saved(path, labels, rows=slice(None)):
    np.savez(path, images=X[rows], labels=labels[rows])
    return path


def dataset(labels):
    return tf.data.Dataset.from_tensor_slices((X, labels)).batch(8)


def named_dataset(names, order):
    """A dataset of ids, which are places in its ``class_names``: the given order of the classes."""
    made = dataset(np.argsort(order)[TRUTH])
    made.class_names = [str(names[number]) for number in order]
    return made


FIRST = {  # what is fitted on
    "arrays": lambda names, root: (X, names[TRUTH]),
    "pair": lambda names, root: ((X, texts(names)[TRUTH]), None),
    "folder": lambda names, root: (folder(root / "first", names), None),
    "dataset": lambda names, root: (named_dataset(names, (1, 2, 0)), None),
    "numbers": lambda names, root: ((X, TRUTH), None),
}
NUMBERED = {  # later sources whose labels stay numbers, and the classes in them
    "arrays": ((0, 1, 2), lambda names, root: (X, names[TRUTH])),
    "some arrays": ((1, 2), lambda names, root: (X[TRUTH > 0], names[TRUTH][TRUTH > 0])),
    "npz": ((0, 1, 2), lambda names, root: saved(root / "a.npz", names[TRUTH])),
    "some npz": ((0, 1), lambda names, root: saved(root / "b.npz", names[TRUTH], TRUTH < 2)),
    "dataset": ((0, 1, 2), lambda names, root: dataset(names[TRUTH])),
}
NAMED = {
    "texts": ((0, 1, 2), lambda names, root: (X, texts(names)[TRUTH])),
    "folder": ((0, 1, 2), lambda names, root: folder(root / "c", names)),
    "some folders": ((1, 2), lambda names, root: folder(root / "d", names, np.flatnonzero(TRUTH))),
    "loaded": ((0, 1, 2), lambda names, root: load(X, texts(names)[TRUTH], classes=texts(names)[::-1])),
    "some splits": ((1, 2), lambda names, root: Splits(load(X, texts(names)[TRUTH]).train.subset(TRUTH > 0))),
    "dataset with names": ((0, 1, 2), lambda names, root: named_dataset(names, (2, 0, 1))),
}
FITS = [
    *(("arrays", convention) for convention in ("ids", "from 1", "gaps", "names", "digits", "floats")),
    *(("folder", convention) for convention in ("names", "digits", "natural")),
    ("pair", "digits"),
    ("dataset", "natural"),
    ("numbers", "ids"),
]


def targets_of(way, names, root):
    """What a fit keeps of its classes."""
    source, validation, labels = as_sources(*FIRST[way](names, root))
    return Targets(with_validation(source, validation, seed=0).classes, labels)


def readings(targets, own, given, *, numbers):
    """What labels may mean to a fit: the classes of these names or values, or class ids where it named its classes."""
    alike = [str(name) for name in own.tolist()]
    named = [alike.index(str(label)) if str(label) in alike else None for label in given]
    if numbers and own.dtype.kind in "if":
        named = [own.tolist().index(label) if label in own else None for label in given]
    possible = [named] if None not in named else []
    if numbers and targets.labels is None and all(label in (0, 1, 2) for label in given):
        possible.append([alike.index(targets.names[int(label)]) for label in given])
    return possible


@pytest.fixture(scope="module", params=NUMBERED | NAMED)
def later(request, tmp_path_factory):
    """A kind of source, made once for each convention, with a folder for what is decoded of it."""
    shown, make = (NUMBERED | NAMED)[request.param]
    roots = {other: tmp_path_factory.mktemp("later") for other in CONVENTIONS}
    sources = {other: make(CONVENTIONS[other], root) for other, root in roots.items()}
    return request.param, shown, sources, tmp_path_factory.mktemp("decoded")


@pytest.fixture(scope="module", params=FITS, ids=[" ".join(one) for one in FITS])
def first(request, tmp_path_factory):
    """How a fit's classes are called, where from, and what it keeps of them."""
    way, convention = request.param
    own = CONVENTIONS[convention]
    return way, own, targets_of(way, own, tmp_path_factory.mktemp("first"))


def test_a_later_source_means_the_same_or_is_refused(first, later):
    way, own, targets = first
    kind, shown, sources, decoded = later
    columns = [texts(own).tolist().index(name) for name in targets.names]  # the channel of each class id
    for other, names in CONVENTIONS.items():
        given, numbers = names[list(shown)].tolist(), names.dtype.kind in "if" and kind in NUMBERED
        possible = readings(targets, own, given, numbers=numbers)
        try:
            images = load(sources[other], classes=targets.known, decoded=decoded, whole=False).train
        except (ValueError, TypeError):
            alike = not numbers or (own.dtype.kind in "if" and names.dtype.kind == "i" and way == "arrays")
            assert not (possible == [list(shown)] and alike and kind != "dataset"), f"{other} refused"
        else:
            meant = {tuple(reading) for reading in possible}
            assert len(meant) == 1, f"{other} taken, which may mean {meant}"
            truth = images.take(np.arange(len(images))).mean(axis=(1, 2)).argmax(axis=1)
            reading = dict(zip(shown, *meant, strict=True))
            assert [columns[label] for label in images.labels] == [reading[channel] for channel in truth], other


FORMS = {
    "array": np.asarray,
    "list": lambda labels: labels.tolist(),
    "series": pandas.Series,
    "categorical": pandas.Categorical,
    "objects": lambda labels: labels.astype(object),
    "bytes": lambda labels: np.array([str(label).encode() for label in labels.tolist()]),
    "strings of any length": lambda labels: labels.astype(np.dtypes.StringDType()),
    "column": lambda labels: labels[:, None],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("convention", ["names", "from 1"])
def test_labels_in_any_form_are_the_same_or_refused(convention, form):
    own = CONVENTIONS[convention]
    known = Targets(tuple(texts(own).tolist()), own).known
    for names in (CONVENTIONS["names"], CONVENTIONS["from 1"]):
        try:
            images = load(X, FORMS[form](names[TRUTH]), classes=known, whole=False).train
        except ValueError:
            assert names is not own or form == "objects"
        else:
            assert names is own
            assert images.labels.tolist() == TRUTH.tolist()


@pytest.mark.parametrize("first", [np.array([False, True]), np.array([0, 1]), np.array([1, 2])])
@pytest.mark.parametrize("second", [np.array([False, True]), np.array([0, 1]), np.array([1, 2])])
def test_bools_and_their_numbers_are_equal_and_others_refused(first, second):
    targets = Targets(tuple(map(str, first)), first)
    given = second[[0, 1, 1, 0]]
    if first.tolist() == second.tolist():
        assert targets.ids(given, 4).tolist() == [0, 1, 1, 0]
        return
    with pytest.raises(ValueError, match="Expected labels"):
        targets.ids(given, 4)
    with pytest.raises(ValueError, match="Expected labels"):
        load(X[:4], given, classes=targets.known, whole=False)


def test_labels_that_are_no_text_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match=r"UTF-8.*caf.*latin-1"):
        load(X[:4], np.array(["café".encode("latin-1"), b"x"] * 2))
    assert load(X[:4], np.array(["café".encode(), b"x"] * 2)).classes == ("café", "x")


def test_validation_images_have_the_classes_of_the_training_images_by_name(tmp_path):
    train = folder(tmp_path / "train", CONVENTIONS["names"])
    data = with_validation(train, named_dataset(CONVENTIONS["names"], (2, 1, 0)), seed=0)
    truth = data.validation.take(np.arange(30)).mean(axis=(1, 2)).argmax(axis=1)
    assert data.validation.labels.tolist() == truth.tolist()
    with pytest.raises(ValueError, match=r"names its classes.*class_names"):
        with_validation(train, dataset(TRUTH), seed=0)


ZEROS = ("01", "02", "03")


@pytest.mark.parametrize("labels", [[1, 2, 1], [1, 2, 3], [0, 1, 2]])
def test_numbers_for_names_with_zeros_in_front_are_matched_by_value_or_refused(labels, tmp_path, refused):
    known = Targets(ZEROS, None).known
    folder(tmp_path / "images", ["a"] * 3, range(3))
    (tmp_path / "t.csv").write_text("file,label\n" + "".join(f"a/{row}.png,{n}\n" for row, n in enumerate(labels)))
    sources = [
        lambda: load(X[:3], np.array(labels), classes=known, whole=False),
        lambda: load(tmp_path / "t.csv", images_dir=tmp_path / "images", classes=known, whole=False),
    ]
    for source in sources:
        if labels == [1, 2, 1]:  # the names 01 and 02, or the class ids of 02 and 03
            with refused("mean one class", "01"):
                source()
            continue
        meant = [number if 0 in labels else number - 1 for number in labels]
        assert source().train.labels.tolist() == meant
