"""How pixels are read is part of the run: every later image is read as those of the training were."""

import json
import zipfile

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from zoo import Ensemble, Predictor, Recipe, load, load_saved_model, predict
from zoo.cli.fit import fit
from zoo.data.checks import as_pixels
from zoo.data.pictures.pixel_reading import reading_from
from zoo.export import submission_model

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

RECIPE = Recipe(head_epochs=1, epochs=0)
RANDOM = np.random.default_rng(0)
CELLS = RANDOM.integers(0, 256, (24, 12, 16, 3)).astype(np.uint8)
LABELS = np.arange(24) % 2
READING = {"background": [0, 0, 255], "depth_range": [0.0, 4080.0], "fit": "pad"}


def _write(root, cells, *, bits=8, size=None):
    """Write cells as PNG of 8 or 12 bits, two class folders."""
    for row, cell in enumerate(cells):
        path = root / "ab"[row % 2] / f"{row:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        sized = cell if size is None else cv2.resize(cell, size, interpolation=cv2.INTER_NEAREST)
        values = sized if bits == 8 else sized.astype(np.uint16) * 16
        assert cv2.imwrite(str(path), values[..., ::-1])
    return root


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on images of 12 bits and its folder."""
    folder = tmp_path_factory.mktemp("deep")
    images = load(_write(folder / "images", CELLS, bits=12), background="blue", depth_range=(0, 4080), fit="pad")
    ensemble = Ensemble(["simple_cnn"], recipe=RECIPE, method="soft", store=folder / "run").fit(images)
    ensemble.save(folder / "run")
    return ensemble, folder


def test_the_run_and_its_manifest_have_it_and_a_loaded_run_reads_alike(run, checked_here):
    ensemble, folder = run
    assert json.loads((folder / "run" / "ensemble.json").read_text())["pixels"] == READING
    loaded = Ensemble.load(folder / "run")
    assert loaded.state_.reading.as_dict() == READING
    saved = load_saved_model(loaded.export(folder / "saved"))
    assert saved.manifest["reading"] == READING
    expected = ensemble.predict_proba(CELLS)
    deep = CELLS.astype(np.uint16) * 16
    for model in (ensemble, loaded, saved):
        np.testing.assert_allclose(model.predict_proba(deep), expected, atol=1e-5)
    np.testing.assert_allclose(Predictor(folder / "saved").probabilities(deep), expected, atol=1e-5)


def test_labelled_images_are_read_alike(run, tmp_path):
    ensemble, folder = run
    wide = _write(tmp_path / "wide", CELLS, bits=12, size=(48, 24))
    names = dict(zip(LABELS, ensemble.class_names_, strict=False))
    assert ensemble.score(folder / "images") == ensemble.score((CELLS.astype(np.uint16) * 16, LABELS))
    padded = load(wide, image_size=(12, 16), classes=list(names.values()), **READING, whole=False).train
    assert (padded.take(np.arange(4))[:, [0, -1]] == (0, 0, 255)).all()
    assert len(ensemble.leaderboard(wide)) == len(ensemble.leaderboard())


@pytest.mark.parametrize("kind", ["folder", "npy", "array"])
def test_files_and_arrays_to_predict_are_read_alike(run, kind, tmp_path):
    ensemble, folder = run
    deep = CELLS.astype(np.uint16) * 16
    np.save(tmp_path / "images.npy", deep)
    data = {"folder": folder / "images", "npy": tmp_path / "images.npy", "array": deep}[kind]
    predict(ensemble, data, tmp_path / "out.csv")
    order = np.argsort(LABELS, kind="stable") if kind == "folder" else np.arange(24)
    found = np.genfromtxt(tmp_path / "out.csv", delimiter=",", skip_header=1)[:, -2:]
    np.testing.assert_allclose(found, ensemble.predict_proba(CELLS)[order], atol=1e-4)


@pytest.mark.slow
def test_a_run_of_bytes_lists_deep_files_and_refuses_deep_arrays(tmp_path):
    ensemble = Ensemble(["simple_cnn"], recipe=RECIPE).fit((CELLS, LABELS))
    deep = _write(tmp_path / "deep", CELLS[:4], bits=12)
    done = predict(ensemble, deep, tmp_path / "out.csv")
    assert done.left_out == 4
    assert "--depth-range" in done.unreadable.read_text()
    for use in (ensemble.predict, ensemble.predict_proba, lambda images: predict(ensemble, images, tmp_path / "a.csv")):
        with pytest.raises(ValueError, match="depth_range"):
            use(CELLS.astype(np.uint16) * 16)
        with pytest.raises(ValueError, match="nearly black"):
            use((CELLS / 255).astype(np.uint8))


def _model(reading):
    """The submission's model without its graph: what it makes of arrays."""
    model = submission_model.Model.__new__(submission_model.Model)
    model.shape, model.reading = (12, 16, 3), reading
    return model


PLAIN_READING = {"background": [255, 255, 255], "depth_range": None, "fit": "squash"}
ALPHA = np.concatenate([CELLS, CELLS[..., :1]], axis=-1)


@pytest.mark.parametrize("reading", [PLAIN_READING, READING])
@pytest.mark.parametrize(
    "images",
    [CELLS, CELLS[..., 0], CELLS[..., :1], ALPHA, CELLS > 99, CELLS.astype(np.int64) * 9 // 9, CELLS / 3,
     CELLS.astype(np.uint16) * 16, CELLS.astype(np.float32)[..., 0] * 16, CELLS / 255, CELLS / 200,
     (CELLS / 255).astype(np.uint8), CELLS * 0, ALPHA / 1.0, CELLS[:0], CELLS.transpose(0, 3, 1, 2), CELLS - 0.5],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:expected values of which:UserWarning")  # as the library logs
def test_a_submission_makes_the_same_of_arrays(reading, images):
    try:
        expected = as_pixels(images, reading_from(reading))
    except ValueError:
        if len(images):
            with pytest.raises(ValueError, match="Expected"):
                _model(reading)._as_rgb(images)
        return
    np.testing.assert_array_equal(_model(reading)._as_rgb(images), expected)


SIXTEEN = PLAIN_READING | {"depth_range": [0, 65535]}
BRIGHT = np.maximum(CELLS, 60)


@pytest.mark.parametrize("images", [BRIGHT.astype(np.uint16), BRIGHT.astype(np.float32), BRIGHT[:1].astype(np.int64)])
def test_a_submission_refuses_bytes_of_another_type_with_the_remedy(images):
    with pytest.raises(ValueError, match=r"65535.*60 to 255.*black.*uint8"):
        _model(SIXTEEN)._as_rgb(images)


def test_a_submission_refuses_and_warns_of_another_scale():
    with pytest.raises(ValueError, match=r"4095.*nearly white"):
        _model(SIXTEEN | {"depth_range": [0, 4095]})._as_rgb(BRIGHT.astype(np.uint16) * 257)
    with pytest.raises(ValueError, match="nearly black"):
        _model(SIXTEEN)._as_rgb(BRIGHT / 255)
    with pytest.warns(UserWarning, match="dark"):
        _model(SIXTEEN)._as_rgb(BRIGHT.astype(np.uint16) * 16)
    with pytest.warns(UserWarning, match="beyond"):
        _model(SIXTEEN | {"depth_range": [0, 30000]})._as_rgb(BRIGHT.astype(np.uint16) * 257)


@pytest.mark.slow
def test_a_submission_has_it(run, tmp_path, checked_here):
    ensemble, _ = run
    with zipfile.ZipFile(ensemble.submission(tmp_path / "s.zip")) as archive:
        assert json.loads(archive.read("saved_model/manifest.json"))["reading"] == READING


def test_the_command_line_passes_it_on(tmp_path):
    app = typer.Typer()
    app.command()(fit)
    _write(tmp_path / "images", CELLS, bits=12, size=(16, 16))
    words = ["--data", str(tmp_path / "images"), "--out", str(tmp_path / "run"), "--member", "simple_cnn"]
    words += ["--head-epochs", "1", "--epochs", "0", "--depth-range", "0,4080", "--fit", "crop", "--background", "blue"]
    words += ["--image-size", "12x16"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "run" / "ensemble.json").read_text())["pixels"] == READING | {"fit": "crop"}
    kept = json.loads((tmp_path / "run" / "config.json").read_text())["data"]
    assert (kept["fit"], kept["background"], kept["depth_range"]) == ("crop", "blue", [0, 4080])
