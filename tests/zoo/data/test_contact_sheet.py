"""Contact sheets: every picture in its place, and text that stays under it."""

import numpy as np
import pytest
from PIL import Image

from zoo.data.contact_sheet import GAP, LINE, contact_sheet

PICTURES = np.random.default_rng(0).integers(0, 200, (7, 20, 30, 3), dtype=np.uint8)


def _read(path):
    with Image.open(path) as image:
        assert image.format == "PNG"
        return np.asarray(image)


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("columns", [1, 3, 8])
def test_every_picture_is_in_its_place(tmp_path, columns, scale):
    path = tmp_path / "new" / "sheet.png"
    assert contact_sheet(PICTURES, path, columns=columns, scale=scale) == path
    sheet = _read(path)
    across = min(columns, 7)
    down = -(-7 // across)
    assert sheet.shape == (GAP + down * (20 * scale + GAP), GAP + across * (30 * scale + GAP), 3)
    for place, picture in enumerate(PICTURES):
        y, x = GAP + place // across * (20 * scale + GAP), GAP + place % across * (30 * scale + GAP)
        large = picture.repeat(scale, axis=0).repeat(scale, axis=1)
        np.testing.assert_array_equal(sheet[y : y + 20 * scale, x : x + 30 * scale], large)


def test_captions_are_beneath_and_stay_within_the_width(tmp_path):
    white = np.full((2, 20, 40, 3), 255, np.uint8)
    plain = _read(contact_sheet(white, tmp_path / "plain.png", captions=["", ""]))
    text = _read(contact_sheet(white, tmp_path / "text.png", captions=["a", "an endless name of a class"]))
    assert plain.shape == text.shape == (GAP + 20 + GAP + LINE, GAP + 2 * (40 + GAP), 3)
    assert (plain == 255).all()
    rows, columns = np.nonzero(text[..., 0] < 255)
    assert rows.min() >= GAP + 20
    assert columns.max() < 2 * (40 + GAP) + 1
    assert not np.isin(columns, np.arange(GAP + 40, 2 * GAP + 40)).any()


def test_captions_of_several_lines_make_room(tmp_path):
    sheet = _read(contact_sheet(PICTURES, tmp_path / "sheet.png", captions=["one\ntwo", *"abcdef"]))
    assert sheet.shape[0] == GAP + 20 + GAP + 2 * LINE


def test_a_list_of_pictures_is_an_array_of_them(tmp_path):
    one, other = contact_sheet(PICTURES, tmp_path / "1.png"), contact_sheet(list(PICTURES), str(tmp_path / "2.png"))
    assert one.read_bytes() == other.read_bytes()


def test_an_earlier_sheet_is_replaced(tmp_path):
    path = tmp_path / "sheet.png"
    contact_sheet(PICTURES[:1], path)
    contact_sheet(PICTURES, path)
    assert _read(path).shape[1] > 4 * 30
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.png"]


def test_a_file_of_another_kind_is_not_replaced(tmp_path):
    (tmp_path / "labels.csv").write_text("id,label")
    with pytest.raises(ValueError, match=r"\.png.*labels\.csv"):
        contact_sheet(PICTURES, tmp_path / "labels.csv")
    assert (tmp_path / "labels.csv").read_text() == "id,label"
    Image.fromarray(PICTURES[0]).save(tmp_path / "photo.png")
    with pytest.raises(FileExistsError, match=r"contact sheet.*photo\.png"):
        contact_sheet(PICTURES, tmp_path / "photo.png")
    np.testing.assert_array_equal(_read(tmp_path / "photo.png"), PICTURES[0])


@pytest.mark.parametrize(
    ("pictures", "options", "message"),
    [
        ([], {}, "none"),
        ([PICTURES[0], PICTURES[1, 1:]], {}, r"one size.*\(19, 30, 3"),
        (PICTURES.astype(float), {}, "float64"),
        (PICTURES[..., 0], {}, r"\(H, W, 3\).*\(20, 30,"),
        (PICTURES, {"captions": ["a"]}, "caption.*7.*1"),
        (PICTURES, {"columns": 0}, "columns.*0"),
        (PICTURES, {"scale": 1.5}, "scale.*1.5"),
    ],
)
def test_other_input_is_refused(tmp_path, pictures, options, message):
    with pytest.raises(ValueError, match=message):
        contact_sheet(pictures, tmp_path / "sheet.png", **options)
    assert not list(tmp_path.iterdir())


def test_a_sheet_is_written_where_a_link_leads(tmp_path):
    (tmp_path / "sheet.png").symlink_to(tmp_path / "target.png")
    assert contact_sheet(PICTURES, tmp_path / "sheet.png") == tmp_path / "target.png"
    assert (tmp_path / "sheet.png").is_symlink()
    _read(tmp_path / "target.png")
