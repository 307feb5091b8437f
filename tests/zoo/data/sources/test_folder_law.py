"""One law for drawn folder trees: files read + files named = files there, and no two classes by accident."""

import io
import logging
import os
import re
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from zoo.data import load
from zoo.data.inventory import QUIET, Reason
from zoo.data.loading import list_images

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names and links are others there")

CLASSES = ["Café", "cat", "dog", "Dog", "10", "9", "__x__", "a b", "a b ", "train car"]
SPLITS = [(), ("train", "val"), ("Train", "TEST"), ("seg_train", "seg_test"), ("train_images", "validation_images")]
FORMATS = {"1.png": "PNG", "2.JPG": "JPEG", "3.jpe": "JPEG", "4.jp2": "JPEG2000", "5.bmp": "BMP", "sixth": "PNG"}
MODES = ["RGB", "L", "1", "P", "RGBA"]
DEEP = {"8.png": np.uint16, "9.tif": np.uint16, "10.TIFF": np.float32}
MANY = {"11.gif": "GIF", "12.tif": "TIFF", "13.webp": "WEBP"}
NOT_READ = {
    "notes.txt": b"text",
    "7.heic": b"\0\0\0\x18ftypheic",
    "cut.png": b"\x89PNG\r\n\x1a\n",
    "empty.jpg": b"",
    "data": b"\0" * 40,
    ".DS_Store": b"",
    "Thumbs.db": b"",
    "._1.png": b"",
}
LINKS = {"gone.png": "nowhere.png", "round.png": "round.png", "up": "..", "self": ".", "far": "far away", "near.png": 0}


def _picture(mode, format):
    written = io.BytesIO()
    Image.new("RGB", (3, 2), (200, 90, 10)).convert(mode if format == "PNG" else "RGB").save(written, format)
    return written.getvalue()


def _deep(name, kind):
    written, ramp = io.BytesIO(), np.arange(6, dtype=kind).reshape(2, 3) * (7000 if kind is np.uint16 else 0.2)
    Image.fromarray(ramp).save(written, "PNG" if name.endswith("png") else "TIFF")
    return written.getvalue()


def _many(format):
    written, frames = io.BytesIO(), [Image.new("RGB", (3, 2), (80 * frame, 90, 10)) for frame in range(3)]
    frames[0].save(written, format, save_all=True, append_images=frames[1:])
    return written.getvalue()


PICTURES = {(name, mode): _picture(mode, format) for name, format in FORMATS.items() for mode in MODES}
forms = st.sampled_from(["NFC", "NFD"])
unusual = st.sampled_from(
    [(name, _deep(name, kind)) for name, kind in DEEP.items()] + [(name, _many(kind)) for name, kind in MANY.items()]
)
pictures = st.tuples(st.sampled_from(sorted(FORMATS)), st.sampled_from(MODES)).map(
    lambda drawn: (drawn[0], PICTURES[drawn])
)
others = st.sampled_from(sorted(NOT_READ.items()))
folders = st.sampled_from(["", "deep", "deep/er", ".hidden", "__MACOSX", "Été"])
entries = st.tuples(folders, forms, pictures | unusual | others)
contents = st.lists(entries, max_size=4)
links = st.lists(st.sampled_from(sorted(LINKS)), max_size=2, unique=True)
classes = st.lists(st.sampled_from(CLASSES), min_size=2, max_size=4, unique=True)


@st.composite
def trees(draw):
    """Files by path, as bytes, and links by path, as what they lead to; and the classes' names."""
    files, leading, names, loose = {}, {}, draw(classes), draw(contents)
    for split in draw(st.sampled_from(SPLITS)) or ("",):
        for name in names:
            folder = f"{split}/{unicodedata.normalize(draw(forms), name)}".lstrip("/")
            files[f"{folder}/0.png"] = PICTURES["1.png", "RGB"]
            for inner, form, (file, data) in draw(contents):
                other = f"{split}/{unicodedata.normalize(form, name)}/{inner}".strip("/")
                files[f"{other}/{file}"] = data
            leading |= {f"{folder}/{link}": LINKS[link] or "0.png" for link in draw(links)}
    return (
        files | {file: data for _, _, (file, data) in loose},
        leading,
        {unicodedata.normalize("NFC", n) for n in names},
    )


def _plant(root, files, leading):
    """Write a tree; a folder that links call ``far away`` has two pictures and a text."""
    away = root.parent / "away"
    for name in ("1.png", "in/1.png", "notes.txt"):
        (away / name).parent.mkdir(parents=True, exist_ok=True)
        (away / name).write_bytes(PICTURES["1.png", "L"] if name.endswith("png") else b"text")
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    for path, target in leading.items():
        (root / path).symlink_to(away if target == "far away" else target)


def _there(root):
    """Count files by another way than the library's: a folder outside counts as its three files, once in a split."""
    paths = [Path(above, name) for above, folders, files in os.walk(root) for name in (*files, *folders)]
    entries = [path for path in paths if path.is_symlink() or not path.is_dir()]
    away = {path.relative_to(root).parts[0] for path in entries if path.name == "far"}
    return len(entries) + 2 * len(away)


class _Records(logging.Handler):
    """Keep what the library logs; a fixture of pytest would live longer than one example."""

    def __enter__(self):
        self.lines = []
        logging.getLogger("zoo.data").addHandler(self)
        return self

    def __exit__(self, *_):
        logging.getLogger("zoo.data").removeHandler(self)

    def emit(self, record):
        self.lines.append(record.getMessage())


def _load(root, names):
    """Load a tree; where all its classes hold the same folders, these might be the classes, so they are named."""
    try:
        return load(root, allow_unreadable=1)
    except ValueError as error:
        if "hold the same folders" not in str(error):
            raise
        return load(root, allow_unreadable=1, classes=sorted(names))


def _check(tree):
    files, leading, names = tree
    with TemporaryDirectory() as folder, _Records() as records:
        root = Path(folder, "tree")
        root.mkdir()
        _plant(root, files, leading)
        splits = _load(root, names)
        inventory, there = splits.inventory, _there(root)
        rows = [origin for _, images in splits.items() for origin in images.origins.tolist()]
        assert len(inventory) == there
        assert sorted(rows) == sorted(inventory.read)
        assert set(splits.classes) == names
        assert all(splits.train.counts > 0)
        _check_named(records.lines, inventory)
        _check_frames(records.lines, sum(Path(row).name in MANY for row in rows))
        listed = list_images(root)
        assert len(listed.inventory) == there
        assert len({os.path.realpath(root / path) for path in listed.paths}) == len(listed)


def _check_named(lines, inventory):
    """Every reason but the quiet ones has one line, with its total."""
    for reason, count in inventory.counts.items():
        words = r"left out %d of \d+ files" if reason is Reason.UNREADABLE else rf"\b%d files? left out: {reason}"
        found = [line for line in lines if re.search(words % count, line)]
        assert len(found) == 1 or reason in QUIET


def _check_frames(lines, many):
    """Of a file with three frames one is read, and two are counted."""
    found = [line for line in lines if "several frames" in line]
    assert len(found) == (many > 0)
    assert all(re.match(rf"{many} files .*; {2 * many} are left out", line) for line in found)


@settings(deadline=None, max_examples=12)
@given(trees())
def test_files_read_and_files_named_are_the_files_there(tree):
    _check(tree)


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(trees())
def test_files_read_and_files_named_are_the_files_there_in_many_trees(tree):
    _check(tree)
