"""DICOM files: rescaled, inverted, windowed, in colours, and many frames."""

import sys
from io import BytesIO

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

from zoo.data.pictures.depth_choice import with_depth
from zoo.data.pictures.image_io import deep_values, measure, names_window, read
from zoo.data.pictures.pixel_reading import as_reading
from zoo.data.pictures.tally import Tally

GREY = (np.arange(48).reshape(6, 8) * 80).astype(np.uint16)


def _dicom(values, colours="MONOCHROME2", **tags):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    file = pydicom.Dataset()
    file.file_meta = meta
    bits = values.dtype.itemsize * 8
    file.Rows, file.Columns = values.shape[-3:-1] if colours == "RGB" else values.shape[-2:]
    file.SamplesPerPixel, file.PhotometricInterpretation = 3 if colours == "RGB" else 1, colours
    file.BitsAllocated = file.BitsStored = bits
    file.HighBit, file.PixelRepresentation = bits - 1, int(values.dtype.kind == "i")
    if colours == "RGB":
        file.PlanarConfiguration = 0
    for name, value in tags.items():
        setattr(file, name, value)
    file.PixelData = values.tobytes()
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, file, enforce_file_format=True)
    return buffer.getvalue()


def _read(data, **reading):
    return read(data, measure(data), as_reading(**reading))[..., 0].astype(int)


def test_values_are_rescaled_before_the_range():
    data = _dicom(GREY, RescaleSlope=2, RescaleIntercept=-1024)
    assert measure(data) == (6, 8)
    np.testing.assert_array_equal(deep_values(data), GREY.astype(float) * 2 - 1024)
    found = _read(data, depth_range=(-1000, 400))
    np.testing.assert_array_equal(found, np.rint((np.clip(GREY * 2.0 - 1024, -1000, 400) + 1000) * 255 / 1400))


@pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (2, 0), (0.5, -100), (0.001, 3)])
@pytest.mark.parametrize("bits", [12, 16])
def test_rescaled_values_are_treated_as_the_stored_bits_are(slope, intercept, bits, tmp_path):
    factor = (2**bits - 1) // 255
    cells = np.random.default_rng(0).integers(0, 256, (4, 6, 8)).astype(np.uint16)
    files = [tmp_path / f"{row}.dcm" for row in range(4)]
    for file, cell in zip(files, cells, strict=True):
        file.write_bytes(_dicom(cell * factor, RescaleSlope=slope, RescaleIntercept=intercept))
    reading = with_depth(as_reading(), files)
    np.testing.assert_allclose(reading.depth_range, [intercept, (2**bits - 1) * slope + intercept])
    for file, cell in zip(files, cells, strict=True):
        np.testing.assert_allclose(read(file, (6, 8), reading)[..., 0], cell, atol=1)


def test_rescaled_values_that_fill_little_or_differ_have_percentiles(tmp_path):
    for name, data in {
        "low": [_dicom(GREY // 4, RescaleIntercept=-1024)] * 2,
        "slopes": [_dicom(GREY, RescaleSlope=slope, RescaleIntercept=-1000) for slope in (1, 3)],
    }.items():
        files = [tmp_path / f"{name}{row}.dcm" for row in range(2)]
        for file, content in zip(files, data, strict=True):
            file.write_bytes(content)
        low, high = with_depth(as_reading(), files).depth_range
        values = np.concatenate([deep_values(file).ravel() for file in files])
        np.testing.assert_allclose([low, high], np.percentile(values, [0.1, 99.9]), rtol=1e-5)


def test_monochrome1_is_inverted():
    high = {"depth_range": (0, 3760)}
    np.testing.assert_array_equal(_read(_dicom(GREY, "MONOCHROME1"), **high), 255 - _read(_dicom(GREY), **high))


def test_the_files_own_window_holds_unless_a_range_is_given():
    data = _dicom(GREY, WindowCenter=[1000, 2000], WindowWidth=[401, 99])
    assert names_window(data)
    np.testing.assert_array_equal(_read(data), _read(_dicom(GREY), depth_range=(799.5, 1199.5)))
    np.testing.assert_array_equal(_read(data, depth_range=(0, 9999)), _read(_dicom(GREY), depth_range=(0, 9999)))


@pytest.mark.parametrize("colours", ["MONOCHROME1", "MONOCHROME2"])
def test_the_window_of_bytes_is_that_of_more_bits(colours):
    cell, window = (GREY // 16).astype(np.uint8), {"WindowCenter": 60, "WindowWidth": 41}
    found = _read(_dicom(cell, colours, **window))
    np.testing.assert_array_equal(found, _read(_dicom(cell.astype(np.uint16), colours, **window)))
    assert (found.min(), found.max()) == (0, 255)
    assert with_depth(as_reading(), [_dicom(cell, **window), _dicom(cell)]).depth_range is None
    plain = cell if colours == "MONOCHROME2" else 255 - cell
    np.testing.assert_array_equal(_read(_dicom(cell, colours, **window), depth_range=(0, 4095)), plain)
    coloured = np.dstack([cell] * 3)
    np.testing.assert_array_equal(read(_dicom(coloured, "RGB", **window), cell.shape), coloured)


def test_signed_values_are_read():
    data = _dicom(GREY.astype(np.int16) - 2000)
    np.testing.assert_array_equal(_read(data, depth_range=(-2000, 1760)), np.rint(GREY * (255 / 3760)))


def test_bytes_need_no_range():
    cell = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    np.testing.assert_array_equal(read(_dicom(cell, "RGB"), (6, 8)), cell)
    np.testing.assert_array_equal(_read(_dicom(cell[..., 0])), cell[..., 0])
    np.testing.assert_array_equal(_read(_dicom(cell[..., 0], "MONOCHROME1")), 255 - cell[..., 0])


def test_the_first_frame_is_read_and_the_others_counted(caplog):
    tally, reading = Tally(), as_reading(depth_range=(0, 3760))
    data = _dicom(np.stack([GREY, GREY * 0]), NumberOfFrames=2)
    np.testing.assert_array_equal(
        read(data, (6, 8), reading, tally)[..., 0], _read(_dicom(GREY), depth_range=(0, 3760))
    )
    tally.say(reading)
    assert "1 are left out" in caplog.text


def test_a_report_is_no_image():
    data = _dicom(GREY)
    file = pydicom.dcmread(BytesIO(data))
    del file.PixelData, file.Rows, file.Columns
    buffer = BytesIO()
    file.save_as(buffer)
    with pytest.raises(ValueError, match="without an image"):
        measure(buffer.getvalue())


def test_without_pydicom_the_extra_is_named(monkeypatch):
    data = _dicom(GREY)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(ImportError, match=r"ensemble-zoo\[dicom\]"):
        measure(data)


def test_windows_of_some_files_alone_are_refused(refused):
    windowed, plain = _dicom(GREY, WindowCenter=1000, WindowWidth=401), _dicom(GREY)
    with refused("2 with", "1 without", "depth_range"):
        with_depth(as_reading(), [windowed, plain, windowed])
    assert with_depth(as_reading(depth_range=(0, 9)), [windowed, plain]).depth_range == (0, 9)
