"""Copies that another suite wrote: the same scores as of copies made here, and what is refused."""

import numpy as np
import pytest

from zoo.augment.corruptions import SEVERITIES
from zoo.evaluation import WrittenCopies, shift_scores
from zoo.evaluation.corrupted_copies import corrupt

KINDS = ("brightness_down", "contrast_up")


def write(folder, kind, images, *, labels=None, classes=None, severities=SEVERITIES):
    copies = [corrupt(images, kind, severity) for severity in severities]
    own = {"test_images": np.concatenate([copy.pixels for copy in copies])}
    own["test_labels"] = np.tile(images.labels if labels is None else labels, len(severities))[:, None]
    if classes is not None:
        own["classes"] = classes
    np.savez(folder / f"{kind}.npz", **own)


@pytest.fixture
def folder(tmp_path, blobs):
    for kind in KINDS:
        write(tmp_path, kind, blobs)
    return tmp_path


def test_scores_are_those_of_the_same_copies_made_here(folder, blobs, guesser):
    member = guesser("biased", (60, 0, 0))
    found = shift_scores(member.logits, blobs, copies=WrittenCopies(folder, blobs))
    own = shift_scores(member.logits, blobs)
    assert found.kinds == KINDS
    assert found.clean == own.clean
    assert found.by_kind == {kind: own.by_kind[kind] for kind in KINDS}


def test_a_limit_takes_the_copies_of_the_images_that_are_kept(folder, blobs, guesser):
    member = guesser("biased", (60, 0, 0))
    found = shift_scores(member.logits, blobs, limit=9, seed=2, copies=WrittenCopies(folder, blobs))
    own = shift_scores(member.logits, blobs, limit=9, seed=2)
    assert found.by_kind == {kind: own.by_kind[kind] for kind in KINDS}


def test_classes_go_by_name_where_the_file_has_them(tmp_path, blobs, guesser):
    backwards = len(blobs.classes) - 1 - blobs.labels
    write(tmp_path, KINDS[0], blobs, labels=backwards, classes=blobs.classes[::-1])
    scores = shift_scores(guesser("one").logits, blobs, copies=WrittenCopies(tmp_path, blobs))
    assert scores.kinds == KINDS[:1]


def test_copies_of_another_size_are_resized(tmp_path, blobs):
    large = np.full((len(blobs), 64, 64, 3), 90, np.uint8)
    np.savez(tmp_path / "none.npz", test_images=np.tile(large, (5, 1, 1, 1)), test_labels=np.tile(blobs.labels, 5))
    _, severity, copy = next(WrittenCopies(tmp_path, blobs).of(blobs))
    assert (severity, copy.image_size) == (1, blobs.image_size)
    assert np.unique(copy.pixels).tolist() == [90]


def test_other_images_labels_or_numbers_are_refused(tmp_path, blobs, refused):
    copies = WrittenCopies(tmp_path, blobs)
    with pytest.raises(FileNotFoundError, match=r"KIND\.npz"):
        copies.kinds  # noqa: B018
    for told, options in {
        "label of image": {"labels": np.roll(blobs.labels, 1)},
        "received 288": {"severities": SEVERITIES[:3]},
        "mauve": {"classes": ["mauve", *blobs.classes[1:]]},
    }.items():
        write(tmp_path, KINDS[0], blobs, **options)
        with refused("Expected", told, f"{KINDS[0]}.npz"):
            next(copies.of(blobs))
    np.savez(tmp_path / f"{KINDS[0]}.npz", test_images=blobs.pixels)
    with refused("test_labels", "test_images"):
        next(copies.of(blobs))
    with refused("others"):
        next(WrittenCopies(tmp_path, blobs.subset(np.arange(5))).of(blobs))


def test_images_that_lack_a_class_have_copies_too(tmp_path, blobs, guesser):
    some = blobs.subset(blobs.labels < 2)
    write(tmp_path, "contrast_up", some)
    found = shift_scores(guesser("biased", (60, 0, 0)).logits, some, copies=WrittenCopies(tmp_path, some))
    assert found.kinds == ("contrast_up",)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"test_labels": np.array([-1, 0])}, "0 to 1"),
        ({"test_labels": np.array([0, 2])}, "0 to 2"),
        ({"test_labels": np.array([0.0, 1.0])}, "integers"),
        ({"test_images": None}, "test_images"),
    ],
)
def test_files_of_wrong_arrays_are_refused(arrays, told, tmp_path, blobs, refused):
    own = {"test_images": np.zeros((2, 8, 8, 3), np.uint8), "test_labels": np.array([0, 1]), "classes": ["a", "b"]}
    np.savez(tmp_path / "blur.npz", **{name: array for name, array in (own | arrays).items() if array is not None})
    with refused(told, "docs/shift.md"):
        next(WrittenCopies(tmp_path, blobs).of(blobs))


def test_a_damaged_file_is_refused(tmp_path, blobs, refused):
    (tmp_path / "blur.npz").write_bytes(b"PK" + bytes(40))
    with refused("blur.npz", "docs/shift.md"):
        next(WrittenCopies(tmp_path, blobs).of(blobs))
