"""Which folders are splits: recognised where that is clear, refused where it is not, and never taken for classes."""

import logging

import pytest

from zoo.data import load


def _sizes(splits):
    return {name: len(images) for name, images in splits.items()}


def _under(folders, inner=("cat", "dog")):
    return [f"{folder}/{name}/1.png" for folder in folders for name in inner]


@pytest.mark.parametrize(
    ("train", "others"),
    [
        ("train", {"val": "validation", "test": "test"}),
        ("Train", {"Val": "validation", "TEST": "test"}),
        ("Training", {"Testing": "test"}),
        ("train", {"dev": "validation"}),
        ("training_set", {"test_set": "test"}),
        ("trainset", {"testset": "test"}),
        ("TrainImages", {"ValidationImages": "validation"}),
        ("train2017", {"val2017": "validation"}),
        ("train_images", {"test": "test"}),
        ("seg_train/seg_train", {"seg_test/seg_test": "test"}),
        ("flowers-train", {"flowers-valid": "validation"}),
        ("dataset_train", {}),
    ],
)
def test_splits_are_recognised_by_their_words(planted, train, others):
    splits = load(planted(*_under([train, *others])))
    assert splits.classes == ("cat", "dog")
    assert _sizes(splits) == {"train": 2, **dict.fromkeys(others.values(), 2)}
    assert len(splits.inventory) == 2 + 2 * len(others)


@pytest.mark.parametrize(
    ("folders", "inner"),
    [
        (("fold1", "fold2", "fold3"), ("cat", "dog")),
        (("Hospital A", "Hospital B"), ("benign", "malignant", "normal")),
        (("2019", "2020"), ("0", "1", "2")),
        (("cat", "dog", "owl"), ("train", "test")),
        (("seg_test", "batch"), ("cat", "dog")),
        (("train/fold1", "train/fold2", "test/fold1"), ("cat", "dog")),
    ],
)
def test_folders_that_hold_the_same_folders_are_refused_with_the_layout(planted, refused, folders, inner):
    root = planted(*_under(folders, inner))
    shown = [folder.rpartition("/")[2] for folder in folders]
    with refused(str(root), *shown, *inner, "train/", "classes=", "--classes"):
        load(root)


def test_one_fold_that_lacks_a_class_changes_nothing(planted, refused):
    root = planted(*_under(("a", "b", "c")), "d/cat/1.png")
    with refused("a, b, c, d", "cat, dog"):
        load(root)


@pytest.mark.parametrize("inner", [("site1", "site2"), ("patient_01", "patient_02"), ("40X", "100X", "200X")])
def test_numbered_groups_within_classes_are_no_classes(planted, inner):
    assert load(planted(*_under(("benign", "malignant"), inner))).classes == ("benign", "malignant")


def test_one_folder_more_in_every_class_is_no_layout(planted):
    splits = load(planted(*_under(("cat", "dog"), ("images",)), *_under(("owl",), ("images", "more"))))
    assert splits.classes == ("cat", "dog", "owl")


def test_classes_with_images_of_their_own_are_classes(planted):
    root = planted(*_under(("cat", "dog"), ("day", "night")), "cat/1.png", "dog/1.png")
    assert load(root).classes == ("cat", "dog")


@pytest.mark.parametrize("folders", [("cat", "dog"), ("train", "car", "plane"), ("test", "train")])
def test_who_names_the_folders_as_classes_has_said_so(planted, folders):
    splits = load(planted(*_under(folders, ("day", "night"))), classes=folders)
    assert splits.classes == folders
    assert _sizes(splits) == {"train": 2 * len(folders)}


def test_train_beside_what_looks_like_its_sisters_is_refused(planted, refused):
    root = planted("train/freight/1.png", "train/fast/1.png", "car/a/1.png", "plane/b/1.png")
    with refused("train/", "fast, freight", "car, plane", f"load {root / 'train'}", "--classes"):
        load(root)
    assert load(root / "train").classes == ("fast", "freight")


@pytest.mark.parametrize(
    "folders", [("train station", "test tube", "car"), ("valid", "invalid"), ("training shoes", "sandals")]
)
def test_classes_may_have_words_of_splits_in_their_names(planted, folders):
    splits = load(planted(*(f"{folder}/1.png" for folder in folders)))
    assert splits.classes == tuple(sorted(folders))


@pytest.mark.parametrize("folders", [("train_images", "test_images"), ("train", "test", "sample"), ("trainA", "testA")])
def test_splits_without_class_folders_are_refused_and_no_classes(planted, refused, folders):
    with refused("class", folders[0], "table"):
        load(planted(*(f"{folder}/1.png" for folder in folders)))


def test_images_without_labels_under_a_tests_other_name_are_named(planted, caplog):
    splits = load(planted(*_under(("train",)), "test1/1.png"))
    assert _sizes(splits) == {"train": 2}
    assert "test1" in caplog.text


def test_images_to_predict_beside_splits_are_named(planted, caplog):
    splits = load(planted(*_under(("seg_train/seg_train", "seg_test/seg_test")), "seg_pred/1.png"))
    assert _sizes(splits) == {"train": 2, "test": 2}
    assert "seg_pred" in caplog.text
    assert len(splits.inventory) == 5


def test_folders_without_images_beside_train_are_no_matter(planted, caplog):
    root = planted(*_under(("train",)))
    for name in ("annotations", "models", "logs"):
        (root / name).mkdir()
        (root / name / "file.xml").touch()
    splits = load(root)
    assert splits.classes == ("cat", "dog")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(splits.inventory) == 5


def test_every_folder_beside_three_splits_is_named(planted, caplog):
    root = planted(*_under(("train", "val", "test", "extra/train", "old")))
    splits = load(root)
    assert _sizes(splits) == {"train": 2, "validation": 2, "test": 2}
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert all(word in record.getMessage() for word in ("4 files", "extra", "old"))
