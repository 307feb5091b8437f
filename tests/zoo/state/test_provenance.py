"""Which images, and which patients, a fit has seen."""

from dataclasses import replace

import numpy as np
import pytest

from zoo.data import Splits
from zoo.state.provenance import provenance_of, read_provenance


@pytest.fixture
def patients(blobs):
    """The blobs, two of each patient: 60 images to train on, 18 to validate with, and 18 new ones."""
    grouped = replace(blobs, groups=np.array([f"Jane Doe {row // 2}" for row in range(96)]))
    return [grouped.subset(np.arange(*rows)) for rows in ((0, 60), (60, 78), (78, 96))]


@pytest.fixture
def provenance(patients):
    return provenance_of(Splits(*patients[:2]), 0)


def renamed(images, names):
    return replace(images, groups=np.array(names))


def test_other_images_of_known_patients_are_counted(patients, provenance):
    train, validation, new = patients
    assert provenance.describe(new, "test").endswith("(test); no member or rule saw any of them")
    assert not provenance.caution(new)
    mixed = renamed(new, ["Jane Doe 0"] * 5 + ["Jane Doe 1"] * 3 + ["Jane Doe 31"] * 2 + ["new"] * 8)
    told = provenance.describe(mixed, "test")
    assert "8 others are of 2 groups whose images trained the members" in told
    assert "2 others are of 1 groups whose images chose epochs" in told
    assert "8 of 18 images are of 2 groups that members were trained on" in provenance.caution(mixed)
    assert "60 of them trained the members" in provenance.describe(train, "train")
    assert "others" not in provenance.describe(train, "train")
    assert "60 of 60 images are of 30 groups" in provenance.caution(train)
    assert not provenance.caution(validation)


def test_files_hold_no_names_and_open_again(provenance, patients, tmp_path):
    provenance.write(tmp_path)
    assert read_provenance(tmp_path, 0) == provenance
    assert not [path for path in tmp_path.iterdir() if b"Jane" in path.read_bytes()]
    (tmp_path / "seen_train_groups.npy").unlink()
    (tmp_path / "seen_validation_groups.npy").unlink()
    assert not read_provenance(tmp_path, 0).caution(patients[0])  # a run of an earlier version


def test_without_groups_nothing_more_is_kept_or_said(blobs, provenance, tmp_path):
    plain = provenance_of(Splits(blobs, blobs), 0)
    plain.write(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seen_train.npy", "seen_validation.npy"]
    assert not plain.caution(replace(blobs, groups=np.arange(96)))
    assert "not known" in provenance.caution(blobs)


@pytest.mark.parametrize("other", [np.array(["7", "x"]), np.array([7.0, 8.5]), np.array([7, "x"], object)])
def test_a_number_and_its_text_are_one_group(other, blobs):
    numbered = replace(blobs, groups=np.full(96, 7))
    provenance = provenance_of(Splits(numbered, numbered), 0)
    assert "1 of 2 images" in provenance.caution(replace(blobs.subset(np.arange(2)), groups=other))
    accents = renamed(blobs, ["Ren\u00e9"] * 96)
    known = provenance_of(Splits(accents, accents), 0)
    assert known.caution(renamed(blobs, ["Rene\u0301"] * 96))
