"""Decoding: upright RGB from any file, every failure listed, and nothing decoded twice."""

import os
import re

import numpy as np
import pytest
from PIL import ExifTags, Image

from zoo.data import UnreadableImagesError
from zoo.data.pictures import decode as module
from zoo.data.pictures.decode import decode
from zoo.data.pictures.image_io import measure, read, revision
from zoo.data.pictures.pixel_reading import as_reading
from zoo.utils.text import count_of

RED, GREEN, BLUE, GREY = (220, 20, 20), (20, 220, 20), (20, 20, 220), (120, 120, 120)


def _quarters():
    """A landscape picture with a colour in each quarter, so that any turn shows."""
    picture = np.empty((32, 64, 3), np.uint8)
    picture[:16, :32], picture[:16, 32:], picture[16:, :32], picture[16:, 32:] = RED, GREEN, BLUE, GREY
    return picture


def _middles(picture):
    """The colours in the middle of the quarters, which lossy formats leave alone."""
    height, width = picture.shape[:2]
    return picture[height // 4 :: height // 2, width // 4 :: width // 2].astype(int)


def _save(path, picture, **options):
    (picture if isinstance(picture, Image.Image) else Image.fromarray(picture)).save(path, **options)
    return path


def _files(folder, count=4, size=(8, 8)):
    random = np.random.default_rng(0)
    return [_save(folder / f"{i}.png", random.integers(0, 256, (*size, 3), dtype=np.uint8)) for i in range(count)]


def _truncate(path):
    path.write_bytes(path.read_bytes()[:-40])


@pytest.fixture
def kept(tmp_path):
    folder = tmp_path / "decoded"
    folder.mkdir()
    return folder


def test_files_come_as_one_memory_map_in_their_order(tmp_path, kept):
    files = _files(tmp_path)
    pixels, rows = decode(files, kept)
    assert isinstance(pixels, np.memmap)
    assert not pixels.flags.writeable
    assert rows.tolist() == [0, 1, 2, 3]
    for file, picture in zip(files, pixels, strict=True):
        np.testing.assert_array_equal(picture, np.asarray(Image.open(file)))


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize(
    ("orientation", "turn"),
    [(1, lambda p: p), (2, lambda p: p[:, ::-1]), (3, lambda p: p[::-1, ::-1]), (6, lambda p: np.rot90(p, -1)),
     (8, np.rot90)],
)  # fmt: skip
def test_pictures_are_turned_upright(tmp_path, suffix, orientation, turn):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = _save(tmp_path / f"turned.{suffix}", _quarters(), exif=exif)
    upright = turn(_quarters())
    assert measure(path) == upright.shape[:2]
    np.testing.assert_allclose(_middles(read(path, upright.shape[:2])), _middles(upright), atol=20)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_other_modes_become_rgb(tmp_path, mode):
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:, 3:] = 255
    image = Image.fromarray(picture).convert(mode)
    path = _save(tmp_path / ("file.tif" if mode == "CMYK" else "file.png"), image)
    np.testing.assert_array_equal(read(path, (4, 6)), picture)


def test_transparent_pixels_are_laid_over_the_background(tmp_path):
    colours = np.full((4, 4, 4), (200, 100, 50, 0), np.uint8)
    rgba = _save(tmp_path / "rgba.png", colours)
    palette = Image.fromarray(colours[..., :3]).quantize(4)
    palette = _save(tmp_path / "palette.png", palette, transparency=bytes(4))
    for path in (rgba, palette):
        assert (read(path, (4, 4)) == 255).all()
        assert (read(path, (4, 4), as_reading(background="#102030")) == (16, 32, 48)).all()


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_deep_pictures_are_listed_instead_of_clipped(tmp_path, kept, dtype):
    path = _save(tmp_path / "deep.tif", np.full((4, 4), 1000, dtype))
    with pytest.raises(UnreadableImagesError, match=r"deep\.tif.* 8 bits"):
        decode([path], kept)


def test_mixed_sizes_go_to_the_commonest_and_it_is_said(tmp_path, kept, caplog):
    files = [*_files(tmp_path, 3, (8, 10)), _save(tmp_path / "large.png", np.full((40, 50, 3), 90, np.uint8))]
    pixels, _ = decode(files, kept)
    assert pixels.shape == (4, 8, 10, 3)
    assert (pixels[3] == 90).all()
    assert re.search("1 of 4.*40x50.*8x10.*height x width", caplog.text)


def test_mixed_sizes_go_to_the_size_given(tmp_path, kept, caplog):
    files = [*_files(tmp_path, 3, (8, 10)), _save(tmp_path / "large.png", np.full((40, 50, 3), 90, np.uint8))]
    assert decode(files, kept, image_size=(6, 7))[0].shape == (4, 6, 7, 3)
    assert re.search("4 of 4.*8x10, 40x50.*6x7", caplog.text)


def test_one_other_size_is_no_warning(tmp_path, kept, caplog):
    caplog.set_level("INFO", "zoo.data")
    decode(_files(tmp_path), kept, image_size=(4, 4))
    assert re.search("4 of 4.*8x8.*4x4", caplog.text)
    assert {record.levelname for record in caplog.records} == {"INFO"}


def test_shrinking_averages(tmp_path):
    board = np.indices((64, 64)).sum(0) % 2 * np.uint8(255)
    picture = read(_save(tmp_path / "board.png", board.astype(np.uint8)), (4, 4))
    assert np.abs(picture.astype(int) - 127).max() < 12


def _break(files):
    """Break four files in four ways."""
    files[0].write_bytes(b"")
    files[1].write_text("no image")
    _truncate(files[2])
    files[3].write_bytes(files[3].read_bytes()[:20])
    return files[:4]


def test_all_unreadable_files_are_listed_in_one_error(tmp_path, kept):
    files = _files(tmp_path, 6)
    broken = _break(files)
    with pytest.raises(UnreadableImagesError, match="4 files") as error:
        decode(files, kept)
    assert sorted(error.value.files) == broken
    assert all(str(path) in str(error.value) for path in broken)
    assert "skip_unreadable=True" in str(error.value)
    assert "--skip-unreadable" in str(error.value)
    assert not list(kept.iterdir())


def test_each_reason_is_said_once_with_some_of_its_files(tmp_path, kept):
    files = [tmp_path / f"{i}.png" for i in range(25)]
    for file in files[:5]:
        Image.fromarray(np.zeros((4, 4), np.uint16)).save(file)
    for file in files[5:]:
        file.touch()
    with pytest.raises(UnreadableImagesError, match=r"20 files: cannot identify image file; such as .*5\.png") as error:
        decode(files, kept)
    assert set(error.value.files) == set(files)
    assert str(error.value).count("--depth-range") == 1
    assert "5 files: more than 8 bits" in str(error.value)


def test_many_reasons_are_cut_and_it_is_said(tmp_path, kept, monkeypatch):
    files = _files(tmp_path, 25)
    monkeypatch.setattr(module, "measure", lambda path: {}["a" * (1 + int(path.stem))])
    with pytest.raises(UnreadableImagesError, match="5 more"):
        decode(files, kept)


def test_unreadable_files_are_left_out_with_a_warning_that_names_them(tmp_path, kept, caplog):
    files = _files(tmp_path, 6)
    broken = _break(files)
    pixels, rows = decode(files, kept, allow_unreadable=0.7)
    assert rows.tolist() == [4, 5]
    for row, picture in zip(rows, pixels, strict=True):
        np.testing.assert_array_equal(picture, np.asarray(Image.open(files[row])))
    (record,) = caplog.records
    assert re.search("left out 4 of 6", record.getMessage())
    assert all(str(path) in record.getMessage() for path in broken)


@pytest.mark.parametrize(("broken", "how"), [
    (1, {"skip_unreadable": True}), (3, {"allow_unreadable": 0.3}), (0, {"allow_unreadable": 0}),
])  # fmt: skip
def test_more_than_the_allowed_share_is_an_error_that_names_the_option(tmp_path, kept, refused, broken, how):
    files = _files(tmp_path, 10)
    for file in files[:broken]:
        file.write_bytes(b"")
    assert decode(files, kept, **how)[1].tolist() == list(range(broken, 10))
    files[broken].write_bytes(b"")
    share = (broken + 1) / 10
    words = (f"{count_of(broken + 1, 'file')} of 10", f"allow_unreadable={share:g}", f"--allow-unreadable {share:g}")
    with refused(*words, str(files[broken]), error=UnreadableImagesError):
        decode(files, kept, **how)
    assert len(decode(files, kept, allow_unreadable=share)[1]) == 9 - broken
    with refused(*words, error=UnreadableImagesError):  # though what can be read is kept from the call before
        decode(files, kept, **how)


def test_what_was_left_out_is_named_again_and_never_passes_silently(tmp_path, kept, caplog):
    files = _files(tmp_path)
    _truncate(files[1])
    decode(files, kept, allow_unreadable=0.25)
    caplog.clear()
    assert decode(files, kept, allow_unreadable=0.25)[1].tolist() == [0, 2, 3]
    assert str(files[1]) in caplog.text
    with pytest.raises(UnreadableImagesError, match=r"\b1 file"):
        decode(files, kept)


@pytest.mark.parametrize("left", ["whole", "cut", "none"])  # as this version wrote it, damaged, or of an earlier one
def test_the_reason_is_told_at_each_load(tmp_path, kept, caplog, left):
    files = _files(tmp_path, 6)
    files[1].write_bytes(b"no image")
    _truncate(files[2])
    told = []
    for _ in range(2):
        caplog.clear()
        decode(files, kept, allow_unreadable=0.4)
        told.append(caplog.records[0].getMessage())
        for reasons in kept.glob("*.reasons.json") if left != "whole" else ():
            reasons.write_text('{"1') if left == "cut" else reasons.unlink()
    assert told[0] == told[1]
    assert "cannot identify image file" in told[1]


def test_a_file_that_can_be_read_by_now_is_told_so(tmp_path, kept, caplog, monkeypatch):
    files = _files(tmp_path)
    with monkeypatch.context() as without:
        without.setattr(module, "measure", lambda path: measure(path) if path != files[1] else {}["no plugin"])
        decode(files, kept, allow_unreadable=0.25)
    (kept_reasons,) = kept.glob("*.reasons.json")
    assert "no plugin" in kept_reasons.read_text()
    kept_reasons.unlink()
    caplog.clear()
    decode(files, kept, allow_unreadable=0.25)
    assert "when the others were decoded" in caplog.text


def test_nothing_readable_is_an_error_even_where_files_may_be_left_out(tmp_path, kept):
    files = _files(tmp_path, 2)
    files[0].write_bytes(b"")
    _truncate(files[1])
    with pytest.raises(UnreadableImagesError, match="2 files"):
        decode(files, kept, allow_unreadable=1)
    assert not list(kept.iterdir())


def test_what_does_not_fit_on_the_disk_is_refused_before_a_picture_is_decoded(tmp_path, kept, refused, monkeypatch):
    files = _files(tmp_path)
    monkeypatch.setattr("zoo.utils.disk.free_disk", lambda folder: 10**6)
    monkeypatch.setattr(module, "read", lambda *arguments: pytest.fail("it is decoded"))
    with refused("4 decoded images of 3000x4000", "144.0 MB", "--image-size"):
        decode(files, kept, image_size=(3000, 4000))
    assert not list(kept.iterdir())


def test_an_odd_decoder_error_is_a_listed_file(tmp_path, kept, monkeypatch):
    files = _files(tmp_path, 2)
    monkeypatch.setattr(module, "read", lambda path, size: {}[path])
    with pytest.raises(UnreadableImagesError, match="2 files"):
        decode(files, kept)


def test_a_second_load_decodes_nothing(tmp_path, kept, monkeypatch):
    files = _files(tmp_path)
    first, _ = decode(files, kept)
    monkeypatch.setattr(module, "read", None)
    monkeypatch.setattr(module, "measure", None)
    second, rows = decode(files, kept)
    np.testing.assert_array_equal(first, second)
    assert rows.tolist() == [0, 1, 2, 3]


def test_what_was_unusual_is_said_at_each_load(tmp_path, kept, caplog):
    caplog.set_level("INFO", "zoo.data")
    clear = _save(tmp_path / "clear.png", np.full((8, 8, 4), 90, np.uint8))
    deep = [_save(tmp_path / f"{row}.png", np.full((8, 8), 4095 - row, np.uint16)) for row in range(4)]
    reading, said = as_reading(depth_range=(0, 65535)), []
    for _ in range(2):
        caplog.clear()
        decode([clear, *deep], kept, reading=reading)
        said.append([record.getMessage() for record in caplog.records])
    assert said[0] == said[1]
    assert [word in "".join(said[0]) for word in ("dark", "transparent", "grey", "no effect")] == [True] * 3 + [False]
    for _ in range(2):
        caplog.clear()
        decode(_files(tmp_path), kept, reading=reading)
        assert "no effect" in caplog.text


def test_contents_are_what_counts_and_not_times_and_lengths(tmp_path, kept, monkeypatch):
    files = [_save(tmp_path / f"{value}.bmp", np.full((8, 8, 3), value, np.uint8)) for value in (10, 200)]
    for file in files:
        os.utime(file, (1, 1))
    decode(files, kept)
    files[0].rename(tmp_path / "aside")
    files[1].rename(files[0])
    (tmp_path / "aside").rename(files[1])
    assert decode(files, kept)[0][:, 0, 0, 0].tolist() == [200, 10]
    os.utime(files[0], (2, 2))
    monkeypatch.setattr(module, "read", None)
    assert decode(files, kept)[0][:, 0, 0, 0].tolist() == [200, 10]


@pytest.mark.parametrize("change", ["content", "order", "size", "number"])
def test_a_change_is_decoded_anew(tmp_path, kept, change):
    files, size = _files(tmp_path), None
    decode(files, kept)
    if change == "content":
        _save(files[0], np.zeros((8, 8, 3), np.uint8))
    files = {"order": files[::-1], "number": files[1:]}.get(change, files)
    size = (4, 4) if change == "size" else None
    pixels, _ = decode(files, kept, image_size=size)
    for file, picture in zip(files, pixels, strict=True):
        np.testing.assert_array_equal(picture, read(file, size or (8, 8)))
    assert len(list(kept.iterdir())) == 4


@pytest.mark.parametrize(("highest", "refused_at"), [(0, False), (1, True), (3, True), (4, False)])
def test_files_of_a_few_levels_are_refused_as_arrays_are(tmp_path, kept, highest, refused_at):
    files = [tmp_path / f"{row}.png" for row in range(8)]
    for row, path in enumerate(files):
        Image.new("L", (8, 8), highest * (row % 2)).save(path)
    if not refused_at:
        decode(files, kept)
        return
    for _ in range(2):  # decoded, and found again
        with pytest.raises(ValueError, match=f"end at {highest}.*times 255"):
            decode(files, kept)


def test_pixels_that_were_changed_since_are_decoded_again(tmp_path, kept, caplog):
    files = _files(tmp_path)
    before = np.array(decode(files, kept)[0])
    (pixels,) = (path for path in kept.glob("*.npy") if ".rows" not in path.name)
    content = bytearray(pixels.read_bytes())
    content[200] ^= 1
    pixels.write_bytes(content)
    np.testing.assert_array_equal(decode(files, kept)[0], before)
    assert "made again" in caplog.text


def test_a_picture_of_more_pixels_than_memory_should_have_is_listed(tmp_path, kept, monkeypatch):
    Image.fromarray(np.full((30, 30), 900, np.uint16)).save(tmp_path / "deep.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UnreadableImagesError, match="pixels"):
        decode([tmp_path / "deep.png"], kept, reading=as_reading(depth_range=(0, 1000)))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_listed_and_not_waited_for(tmp_path, kept):
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(UnreadableImagesError, match="pipe"):
        decode([tmp_path / "pipe.png"], kept)


def test_kinds_that_are_read_otherwise_than_before_have_other_keys(tmp_path):
    files = [tmp_path / f"{name}.png" for name in ("bytes", "deep", "clear")]
    for file, kind, options in zip(files, (np.uint8, np.uint16, np.uint16), ({}, {}, {"transparency": 3}), strict=True):
        Image.fromarray(np.full((2, 2), 3, kind)).save(file, **options)
    (tmp_path / "a.dcm").write_bytes(bytes(128) + b"DICM")
    assert [*map(revision, [*files, tmp_path / "a.dcm", tmp_path / "absent"])] == ["", "", "+1", "+1", ""]
