"""zoo/data/unlabelled.py."""

import hashlib
import os

import numpy as np
import pytest

from zoo.data.loading import list_images


def _names(source):
    return source.names(np.arange(len(source))).tolist()


def test_a_folder_is_listed_at_any_depth_in_natural_order(folder):
    (folder / ".hidden").mkdir()
    for litter in ("notes.md", "Thumbs.db", ".hidden/1.png", "a/.1.png"):
        (folder / litter).write_bytes(b"")
    source = list_images(folder)
    assert source.column == "path"
    assert _names(source) == [f"a/{row}.png" for row in range(20)] + [f"a/deep/{row}.png" for row in range(20, 40)]


def test_files_are_read_by_their_place(folder, pixels, tmp_path):
    read = list_images(str(folder)).reader(tmp_path)
    np.testing.assert_array_equal(read(23, (16, 16)), pixels[23])
    assert read(0, (4, 6)).shape == (4, 6, 3)


def test_one_image_is_a_listing_of_one(folder):
    assert _names(list_images(folder / "a" / "7.png")) == ["7.png"]


def test_a_list_of_paths_keeps_its_order(folder, pixels, tmp_path):
    (tmp_path / "list.txt").write_text("images/a/3.png\n\n  images/a/1.png\nabsent.png\n")
    source = list_images(tmp_path / "list.txt")
    assert _names(source) == ["images/a/3.png", "images/a/1.png", "absent.png"]
    np.testing.assert_array_equal(source.reader(tmp_path)(1, (16, 16)), pixels[1])
    with pytest.raises(FileNotFoundError):
        source.reader(tmp_path)(2, (16, 16))


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX alone")
def test_a_name_that_is_no_text_can_be_written(folder):
    (folder / "a" / "0.png").rename(folder / os.fsdecode(b"\xff.png"))
    source = list_images(folder)
    assert "\\udcff.png" in _names(source)
    assert len(source.identity()) == 64


def test_an_npy_is_mapped(pixels, tmp_path):
    np.save(tmp_path / "images.npy", pixels)
    source = list_images(tmp_path / "images.npy")
    assert isinstance(source.images, np.memmap)
    assert (source.column, _names(source)) == ("row", list(range(40)))
    np.testing.assert_array_equal(source.reader(tmp_path)(5, (16, 16)), pixels[5])


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_npz_is_unpacked_to_disk_once(save, pixels, tmp_path):
    save(tmp_path / "set.npz", images=pixels, labels=np.arange(40))
    source = list_images(tmp_path / "set.npz")
    assert not (tmp_path / "scratch").exists()
    read = source.reader(tmp_path / "scratch")
    np.testing.assert_array_equal(read(39, (16, 16)), pixels[39])
    before = (tmp_path / "scratch" / "images.npy").stat()
    source.reader(tmp_path / "scratch")
    assert (tmp_path / "scratch" / "images.npy").stat() == before


def test_of_several_arrays_one_is_chosen(pixels, tmp_path, refused):
    np.savez(tmp_path / "set.npz", train_images=pixels[:3], test_images=pixels[3:5], test_labels=[0, 1])
    with refused("train_images, test_images", "key=", "--key"):
        list_images(tmp_path / "set.npz")
    with refused("'val_images'"):
        list_images(tmp_path / "set.npz", "val_images")
    assert len(list_images(tmp_path / "set.npz", "test_images")) == 2
    np.savez(tmp_path / "one.npz", test_images=pixels[:2], test_labels=[0, 1])
    assert len(list_images(tmp_path / "one.npz")) == 2


def test_a_cut_npz_isrefused(pixels, tmp_path, refused):
    np.savez(tmp_path / "set.npz", images=pixels)
    content = bytearray((tmp_path / "set.npz").read_bytes())
    content[5000] ^= 1
    (tmp_path / "set.npz").write_bytes(content)
    with refused("'images'", "set.npz"):
        list_images(tmp_path / "set.npz").reader(tmp_path / "scratch")
    assert not list((tmp_path / "scratch").iterdir())
    (tmp_path / "set.npz").write_bytes(content[:5000])
    with refused(".npz"):
        list_images(tmp_path / "set.npz")


@pytest.mark.parametrize(
    ("images", "received"),
    [
        (np.zeros((2, 4, 4, 3), complex), "(2, 4, 4, 3) complex128"),
        (np.zeros((2, 4, 4, 5), np.uint8), "(2, 4, 4, 5) uint8"),
        (np.zeros((0, 4, 4, 3), np.uint8), "(0, 4, 4, 3) uint8"),
    ],
)
def test_arrays_on_disk_are_checked_by_their_header(images, received, tmp_path, refused):
    np.save(tmp_path / "images.npy", images)
    np.savez(tmp_path / "images.npz", images=images)
    for name in ("images.npy", "images.npz"):
        with refused(received):
            list_images(tmp_path / name)


def test_what_is_nothing_to_answer_isrefused(tmp_path, refused):
    (tmp_path / "empty").mkdir()
    for name in ("empty.txt", "broken.npy", "table.xlsx"):
        (tmp_path / name).write_bytes(b"")
    with refused("images", str(tmp_path / "empty")):
        list_images(tmp_path / "empty")
    with refused("empty.txt"):
        list_images(tmp_path / "empty.txt")
    with refused("broken.npy"):
        list_images(tmp_path / "broken.npy")
    with refused(".txt", ".npy", ".npz", "table.xlsx"):
        list_images(tmp_path / "table.xlsx")
    with refused("absent", error=FileNotFoundError):
        list_images(tmp_path / "absent")
    with refused(".npz", "'images'"):
        list_images(tmp_path / "empty", "images")
    with refused("list", error=TypeError):
        list_images([1])


def test_a_listing_is_another_once_anything_changed(folder, pixels, tmp_path):
    seen = {list_images(folder).identity()}
    assert list_images(folder).identity() in seen
    os.utime(folder / "a" / "1.png", (1, 1))
    assert list_images(folder).identity() in seen
    other = (folder / "a" / "0.png").read_bytes()
    (folder / "a" / "1.png").write_bytes(other)
    seen.add(list_images(folder).identity())
    (folder / "a" / "2.png").rename(folder / "a" / "2b.png")
    seen.add(list_images(folder).identity())
    (folder / "a" / "3.png").unlink()
    seen.add(list_images(folder).identity())
    seen |= {list_images(pixels).identity(), list_images(pixels[1:]).identity()}
    np.savez(tmp_path / "set.npz", a_images=pixels, b_images=pixels)
    seen |= {list_images(tmp_path / "set.npz", key).identity() for key in ("a_images", "b_images")}
    assert len(seen) == 8


@pytest.mark.parametrize("save", [np.save, lambda path, images: np.savez(path, images=images)])
def test_a_stored_array_is_another_once_its_content_changed(save, pixels, tmp_path):
    path, seen = tmp_path / ("images.npy" if save is np.save else "images.npz"), set()
    for images in (pixels, pixels[::-1], pixels):
        save(path, images)
        os.utime(path, (1, 1))
        seen.add(list_images(path).identity())
    assert len(seen) == 2


def test_a_part_of_a_mapped_array_is_known_by_its_content(pixels, tmp_path):
    np.save(tmp_path / "images.npy", pixels)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    assert list_images(mapped).identity() == list_images(tmp_path / "images.npy").identity()
    assert list_images(mapped[:9]).identity() == list_images(pixels[:9]).identity()


def test_an_arrays_identity_is_of_its_kind_too(tmp_path):
    pixels = np.arange(4 * 4 * 4 * 3, dtype=np.uint16).reshape(4, 4, 4, 3)
    (tmp_path / "raw").write_bytes(pixels.tobytes())
    mapped = [np.memmap(tmp_path / "raw", kind, "r", shape=pixels.shape) for kind in (np.uint16, np.int16)]
    for one, other in ((pixels, pixels.view(np.int16)), mapped):
        assert list_images(one).identity() != list_images(other).identity()
    plain = pixels.astype(np.uint8)
    known = hashlib.sha256(str(plain.shape).encode() + plain.tobytes()).hexdigest()
    assert list_images(plain).identity() == known  # parts of predictions are kept by it
