"""Which files are images."""

import sys
from types import SimpleNamespace

import pytest
from PIL import Image

from zoo.data.pictures.formats import has_image_bytes, image_suffixes


def test_what_pillow_reads_is_an_image_and_what_is_no_picture_is_none():
    suffixes = image_suffixes()
    read = {".jpg", ".jpe", ".jfif", ".png", ".apng", ".jp2", ".j2k", ".webp", ".tif", ".bmp", ".gif", ".tga", ".mpo"}
    assert read < suffixes
    assert not suffixes & {".pdf", ".mpg", ".eps", ".ps", ".h5", ".xbm", ".txt", ".csv", ".heic", ""}


def test_what_is_registered_later_is_read(monkeypatch):
    def register():
        monkeypatch.setitem(Image.EXTENSION, ".heic", "HEIF")
        monkeypatch.setitem(Image.OPEN, "HEIF", (None, None))

    monkeypatch.setitem(sys.modules, "pillow_heif", SimpleNamespace(register_heif_opener=register))
    assert ".heic" in image_suffixes()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "JPEG2000"])
def test_images_are_known_by_their_bytes(tmp_path, format):
    Image.new("RGB", (4, 4)).save(tmp_path / "file", format)
    assert has_image_bytes(str(tmp_path / "file"))


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04", b"\x00" * 64, b"\x89PNG", b"P6 some text"])
def test_other_bytes_are_no_image(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    assert not has_image_bytes(str(tmp_path / "file"))
    assert not has_image_bytes(str(tmp_path / "absent"))
