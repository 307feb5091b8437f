"""One picture from anything that holds one: other depths, frames, broken metadata, large photographs."""

import struct
import zlib
from io import BytesIO
from unittest.mock import Mock

import cv2
import numpy as np
import pytest
from PIL import Image

from zoo.data.pictures.image_io import deep_values, measure, read
from zoo.data.pictures.pixel_reading import as_reading
from zoo.data.pictures.tally import Tally

RANDOM = np.random.default_rng(0)
CELL = RANDOM.integers(0, 256, (8, 12, 3), dtype=np.uint8)
WIDE = as_reading(depth_range=(0, 65535))


def _bytes(image, form="PNG", **options):
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def test_paths_bytes_and_opened_images_are_read_alike(tmp_path):
    data = _bytes(Image.fromarray(CELL))
    (tmp_path / "a.png").write_bytes(data)
    for source in (tmp_path / "a.png", data, Image.open(BytesIO(data)), Image.fromarray(CELL)):
        assert measure(source) == (8, 12)
        np.testing.assert_array_equal(read(source, (8, 12)), CELL)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_png_of_16_bits_is_that_of_8_bits(channels):
    cell = np.dstack([CELL, np.full((8, 12), 255, np.uint8)])[..., :channels]
    stored = cell[..., [2, 1, 0, 3][:channels]] if channels > 1 else cell
    data = cv2.imencode(".png", stored.astype(np.uint16) * 257)[1].tobytes()
    expected = CELL if channels > 1 else np.repeat(CELL[..., :1], 3, axis=-1)
    assert measure(data) == (8, 12)
    np.testing.assert_array_equal(read(data, (8, 12), WIDE), expected)
    assert deep_values(data).dtype == np.uint16


@pytest.mark.parametrize("opened", [bytes, lambda data: Image.open(BytesIO(data))])
def test_a_transparent_value_of_16_bits_is_laid_over_the_background(opened):
    values = np.full((4, 4), 30000, np.uint16)
    values[0, 0] = 1000
    data = _with_chunk(_bytes(Image.fromarray(values)), b"tRNS", struct.pack(">H", 1000))
    found = read(opened(data), (4, 4), WIDE)
    assert (found[0, 0] == 255).all()
    assert (found[1:] == round(30000 / 257)).all()


def test_12_bits_of_colours_keep_all_of_them_where_the_upper_8_would_be_nearly_black():
    data = cv2.imencode(".png", CELL[..., ::-1].astype(np.uint16) * 16)[1].tobytes()
    np.testing.assert_array_equal(read(data, (8, 12), as_reading(depth_range=(0, 255 * 16))), CELL)


def test_more_than_8_bits_without_a_range_are_refused_with_the_option():
    data = _bytes(Image.fromarray(np.full((4, 4), 300, np.uint16)))
    with pytest.raises(ValueError, match="--depth-range"):
        read(data, (4, 4))
    assert deep_values(_bytes(Image.fromarray(CELL))) is None


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_is_read_and_the_others_are_counted(form, caplog):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    data = _bytes(
        frames[0], form, save_all=True, append_images=frames[1:], **{"lossless": True} if form == "WEBP" else {}
    )
    tally = Tally()
    assert (read(data, (8, 8), tally=tally) == (255, 0, 0)).all()
    tally.say(WIDE)
    assert "1 files have several frames" in caplog.text
    assert "2 are left out" in caplog.text


def test_what_was_unusual_is_counted_once(caplog):
    caplog.set_level("INFO", "zoo.data")
    tally = Tally()
    for image in (Image.new("RGBA", (2, 2), (9, 9, 9, 0)), Image.new("L", (2, 2)), Image.new("RGBA", (2, 2), "red")):
        read(image, (2, 2), tally=tally)
    tally.say(as_reading(background="#010203"))
    assert [record.getMessage().split(" ")[0] for record in caplog.records] == ["1", "1"]
    assert "#010203" in caplog.text


def _with_chunk(png, kind, data, *, at=33, checksum=0):
    """A PNG with one more chunk, after its header by default; a checksum that is wrong by ``checksum``."""
    mark = (zlib.crc32(kind + data) + checksum) & 0xFFFFFFFF
    return png[:at] + struct.pack(">I", len(data)) + kind + data + struct.pack(">I", mark) + png[at:]


@pytest.mark.parametrize("at", [33, -12])  # behind the header, and before the end
def test_a_png_is_measured_by_its_header_and_turned_wherever_that_is_said(at, monkeypatch):
    exif = Image.Exif()
    exif[0x112] = 6
    plain = _bytes(Image.fromarray(CELL))
    turned = _with_chunk(plain, b"eXIf", exif.tobytes()[6:], at=at)
    assert measure(turned) == (12, 8)
    np.testing.assert_array_equal(read(turned, (12, 8)), np.rot90(CELL, -1))
    load = Mock()
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    assert measure(plain) == (8, 12)
    load.assert_not_called()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"eXIf", b"\0\x08\0\x02\x01\x12\0\x03"),
        (b"tEXt", b"Raw profile type exif\0\nexif\n  4\nzzzz\n"),
        (b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 2_000_000)),
        (b"iCCP", b"x\0\0no profile"),
        (b"iTXt", b"\xff"),
        (b"pHYs", b"1"),
        (b"gAMA", b""),
    ],
)
@pytest.mark.parametrize("checksum", [0, 1])
def test_broken_metadata_is_no_broken_picture(kind, data, checksum):
    png = _with_chunk(_bytes(Image.fromarray(CELL)), kind, data, checksum=checksum)
    assert measure(png) == (8, 12)
    np.testing.assert_array_equal(read(png, (8, 12)), CELL)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("marker", [0xE1, 0xE2, 0xED, 0xFE])
@pytest.mark.parametrize(
    "content", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"MPF\0II*\0\x08", b"ICC_PROFILE\0"]
)
def test_jpegs_with_odd_segments_are_read(marker, content):
    jpg = _bytes(Image.fromarray(CELL), "JPEG")
    odd = jpg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + jpg[2:]
    np.testing.assert_array_equal(read(odd, (8, 12)), read(jpg, (8, 12)))


def test_broken_pictures_stay_broken():
    png = _bytes(Image.fromarray(RANDOM.integers(0, 256, (40, 40, 3), dtype=np.uint8)))
    for broken in (png[:-60], png[:20], b"", b"no image"):
        with pytest.raises((OSError, SyntaxError)):
            read(broken, (40, 40))


@pytest.mark.parametrize("orientation", [1, 6])
def test_large_photographs_are_decoded_in_a_lower_resolution_and_look_the_same(orientation):
    smooth = Image.fromarray(CELL).resize((1500, 1000), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x112] = orientation
    data = _bytes(smooth, "JPEG", quality=95, exif=exif)
    size = (100, 150) if orientation == 1 else (150, 100)
    whole = np.asarray(smooth.resize((150, 100), Image.Resampling.BILINEAR, reducing_gap=2.0)).astype(int)
    found = read(data, size)
    assert np.abs(found - (whole if orientation == 1 else np.rot90(whole, -1))).mean() < 2


def test_one_pixel_is_a_picture():
    assert read(Image.new("RGB", (1, 1), (5, 6, 7)), (1, 1)).tolist() == [[[5, 6, 7]]]


@pytest.mark.parametrize("opened", [bytes, lambda data: Image.open(BytesIO(data))])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_sixteen_bits_are_turned_as_eight_are(orientation, opened):
    exif = Image.Exif()
    exif[0x112] = orientation
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    depths = (grey, grey.astype(np.uint16) * 257)
    sources = [opened(_bytes(Image.fromarray(values), exif=exif)) for values in depths]
    np.testing.assert_array_equal(*(read(source, measure(source), WIDE) for source in sources))
