"""TIFF files of microscopes: any depth, planar, turned, and too many channels."""

import lzma
import re
import sys
import zlib
from io import BytesIO

import cv2
import numpy as np
import pytest
import tifffile

from zoo.data.pictures.image_io import measure, read
from zoo.data.pictures.pixel_reading import as_reading
from zoo.data.pictures.tally import Tally

CELL = np.random.default_rng(0).integers(0, 256, (6, 9, 3)).astype(np.uint8)
SIZE = (6, 9)


def _tiff(values, **options):
    buffer = BytesIO()
    tifffile.imwrite(buffer, values, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "int32", "float16", "float32", "float64"])
@pytest.mark.parametrize("kind", ["grey", "rgb", "planar", "big endian", "deflated"])
def test_all_depths_are_scaled_to_the_same_bytes(dtype, kind):
    factor, reading = (4, as_reading(depth_range=(0, 1020)))
    values = CELL.astype(dtype) * np.dtype(dtype).type(factor)
    how = {"byteorder": ">"} if kind == "big endian" else {"compression": "zlib"} if kind == "deflated" else {}
    if kind == "grey":
        data, expected = _tiff(values[..., 0]), np.repeat(CELL[..., :1], 3, axis=-1)
    elif kind == "planar":
        data, expected = _tiff(np.moveaxis(values, -1, 0), photometric="rgb", planarconfig="separate"), CELL
    else:
        data, expected = _tiff(values, photometric="rgb", **how), CELL
    assert measure(data) == SIZE
    assert np.abs(read(data, SIZE, reading).astype(int) - expected).max() <= 1


def test_a_compression_that_tifffile_lacks_is_read_all_the_same():
    data = cv2.imencode(".tif", CELL[..., ::-1].astype(np.uint16) * 257)[1].tobytes()
    np.testing.assert_array_equal(read(data, SIZE, as_reading(depth_range=(0, 65535))), CELL)


def test_bytes_are_no_matter_of_depth():
    np.testing.assert_array_equal(read(_tiff(CELL, photometric="rgb"), SIZE), CELL)
    inverted = _tiff(255 - CELL[..., 0], photometric="miniswhite")
    np.testing.assert_array_equal(read(inverted, SIZE)[..., 0], CELL[..., 0])


def test_white_may_be_zero_in_any_depth():
    data = _tiff(65535 - CELL[..., 0].astype(np.uint16) * 257, photometric="miniswhite")
    np.testing.assert_array_equal(read(data, SIZE, as_reading(depth_range=(0, 65535)))[..., 0], CELL[..., 0])


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [(2, lambda p: p[:, ::-1]), (3, lambda p: p[::-1, ::-1]), (4, lambda p: p[::-1]), (5, lambda p: p.swapaxes(0, 1)),
     (6, lambda p: np.rot90(p, -1)), (7, lambda p: np.rot90(p, -1)[::-1]), (8, np.rot90)],
)  # fmt: skip
@pytest.mark.parametrize("grey", [False, True])
def test_deep_pictures_are_turned_upright(orientation, turn, grey):
    values = CELL.astype(np.uint16) * 257
    data = _tiff(
        values[..., 0] if grey else values,
        photometric="minisblack" if grey else "rgb",
        extratags=[(274, "H", 1, orientation, True)],
    )
    expected = turn(CELL)
    found = read(data, measure(data), as_reading(depth_range=(0, 65535)))
    np.testing.assert_array_equal(found[..., 0] if grey else found, expected[..., 0] if grey else expected)


@pytest.mark.parametrize(
    ("values", "how"),
    [
        (np.zeros((8, 9, 7), np.uint8), {"photometric": "minisblack", "planarconfig": "contig"}),
        (np.zeros((8, 9, 5), np.uint16), {"photometric": "minisblack", "planarconfig": "contig"}),
        (np.zeros((4, 8, 9), np.uint16), {"imagej": True, "metadata": {"axes": "CYX"}}),
        (np.zeros((3, 8, 9), np.uint8), {"imagej": True, "metadata": {"axes": "CYX"}}),
        (np.zeros((2, 8, 9), np.float32), {"ome": True, "metadata": {"axes": "CYX"}}),
    ],
)
def test_many_channels_are_refused_with_the_remedy(values, how):
    separate = "separate planes.*" if how.get("metadata") else ""
    with pytest.raises(ValueError, match=rf"\d channels.*{separate}marked as RGB.*photometric='rgb'") as error:
        measure(_tiff(values, **how))
    assert ("choose three" in str(error.value)) == (not re.match("[23] ", str(error.value)))


def test_planes_that_are_saved_as_the_remedy_says_are_read():
    planes = CELL.astype(np.uint16) * 257
    with pytest.raises(ValueError, match="3 channels kept as separate planes"):
        measure(_tiff(np.moveaxis(planes, -1, 0), imagej=True, metadata={"axes": "CYX"}))
    data = _tiff(np.stack([planes[..., channel] for channel in range(3)], axis=-1), photometric="rgb")
    np.testing.assert_array_equal(read(data, SIZE, as_reading(depth_range=(0, 65535))), CELL)


@pytest.mark.parametrize("factor", [1, 257])
def test_three_grey_pages_are_told_how_to_become_one_picture(factor, tmp_path, caplog):
    planes = CELL.astype(np.uint8 if factor == 1 else np.uint16) * factor
    old, new, reading = tmp_path / "old.tif", tmp_path / "new.tif", as_reading(depth_range=(0, 65535))
    tifffile.imwrite(old, np.moveaxis(planes, -1, 0), photometric="minisblack")
    read(old, SIZE, reading, tally := Tally())
    tally.keep(tmp_path / "tally.npz")
    Tally.kept(tmp_path / "tally.npz").say(reading)
    assert "1 files have 3 grey pages" in caplog.text
    exec(re.search(r"tifffile\.imwrite.*\)", caplog.text)[0], {"tifffile": tifffile, "np": np, "old": old, "new": new})
    assert tifffile.imread(new).dtype == planes.dtype
    np.testing.assert_array_equal(read(new, SIZE, reading), CELL)


def test_other_pages_and_colours_are_not(caplog):
    tally = Tally()
    for pages in (2, 5):
        read(_tiff(np.zeros((pages, 8, 9), np.uint8), photometric="minisblack"), SIZE, tally=tally)
    read(_tiff(np.zeros((3, 8, 9, 3), np.uint8), photometric="rgb"), SIZE, tally=tally)
    tally.say(as_reading())
    assert "3 files have several frames or pages" in caplog.text
    assert "grey pages" not in caplog.text


def test_colours_and_times_are_no_channels():
    reading = as_reading(depth_range=(0, 65535))
    colours = _tiff(CELL.astype(np.uint16) * 257, ome=True, photometric="rgb", metadata={"axes": "YXS"})
    np.testing.assert_array_equal(read(colours, SIZE, reading), CELL)
    times = _tiff(np.zeros((5, 8, 9), np.uint16), imagej=True, metadata={"axes": "TYX"})
    assert measure(times) == (8, 9)


def test_without_tifffile_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "tifffile", None)
    with pytest.raises(ImportError, match=r"ensemble-zoo\[tiff\]"):
        measure(_tiff_float_rgb)
    np.testing.assert_array_equal(measure(_tiff_grey), SIZE)


_tiff_float_rgb = _tiff(CELL.astype(np.float32), photometric="rgb")
_tiff_grey = _tiff(CELL[..., 0].astype(np.uint16))


@pytest.mark.parametrize(("kind", "compress"), [("zlib", zlib.compress), ("lzma", lzma.compress)])
def test_a_part_that_inflates_to_more_than_the_picture_is_refused(kind, compress):
    reading = as_reading(depth_range=(0, 9))
    whole = _tiff(np.zeros((64, 64), np.uint32), compression=kind)
    assert not read(whole, (64, 64), reading).any()
    with tifffile.TiffFile(BytesIO(whole)) as file:
        tags = file.pages[0].tags
        offset, count = tags["StripOffsets"], tags["StripByteCounts"]
    bomb, part = bytearray(whole), compress(bytes(1 << 22))
    for tag, value in ((offset, len(whole)), (count, len(part))):
        size = {3: 2, 4: 4}[tag.dtype]
        bomb[tag.valueoffset : tag.valueoffset + size] = value.to_bytes(size, "little")
    with pytest.raises(OSError, match="larger than its header"):
        read(bytes(bomb) + part, (64, 64), reading)


def test_a_tile_that_is_larger_than_the_picture_is_refused():
    reading = as_reading(depth_range=(0, 9))
    whole = _tiff(np.zeros((64, 64), np.uint32), compression="zlib", tile=(64, 64))
    assert not read(whole, (64, 64), reading).any()
    with tifffile.TiffFile(BytesIO(whole)) as file:
        tags = [file.pages[0].tags[name] for name in ("TileWidth", "TileLength")]
    bomb = bytearray(whole)
    for tag in tags:
        size = {3: 2, 4: 4}[tag.dtype]
        bomb[tag.valueoffset : tag.valueoffset + size] = (60_000).to_bytes(size, "little")
    with pytest.raises(OSError, match="tiles"):
        read(bytes(bomb), (64, 64), reading)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_stains_are_no_grey_with_alpha(dtype, channels, planar, refused):
    values = np.repeat(CELL[..., :1], channels, axis=-1).astype(dtype)
    values = values if planar == "contig" else np.moveaxis(values, -1, 0)
    with refused(f"{channels} channels", "RGB"):
        read(_tiff(values, photometric="minisblack", planarconfig=planar), SIZE, as_reading(depth_range=(0, 255)))


@pytest.mark.parametrize("extra", ["unspecified", "assocalpha", "unassalpha"])
def test_a_further_channel_means_the_same_in_any_depth(extra):
    values = np.concatenate([CELL // 2, np.full((*SIZE, 1), 128, np.uint8)], axis=-1)
    how = {"photometric": "rgb", "extrasamples": [extra]}
    shallow = read(_tiff(values, **how), SIZE)
    deep = read(_tiff(values.astype(np.uint16) * 257, **how), SIZE, as_reading(depth_range=(0, 65535)))
    assert np.abs(shallow.astype(int) - deep).max() <= 2
    if extra == "unspecified":
        np.testing.assert_array_equal(shallow, CELL // 2)
