"""The pages: their code runs, their table is the register's, their links lead somewhere."""

import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo import Ensemble, Recipe, load, names
from zoo.config import config_from
from zoo.models import registry
from zoo.models.assembly import assemble
from zoo.models.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
MADE = "gallery/"  # by make docs


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


@pytest.fixture
def register_as_before():
    before = dict(registry._SPECS)
    yield
    registry._SPECS.clear()
    registry._SPECS.update(before)


def test_the_table_of_backbones_is_the_registers():
    spec = importlib.util.spec_from_file_location("make_backbones", ROOT / "docs" / "make_backbones.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "backbones.md").read_text() == module.page(), "run: make docs"


@pytest.mark.fits
@pytest.mark.usefixtures("register_as_before")
def test_a_users_backbone_as_the_page_tells_it(blobs, tmp_path, monkeypatch):
    monkeypatch.setattr("ensembles.RULES", ("soft",))
    first, cut = blocks("docs/adding-a-backbone.md", "python")
    exec(first, {"__name__": "page"})
    recipe = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")
    ensemble = Ensemble(["pocket_net"], recipe=recipe, store=tmp_path).fit(blobs)
    assert ensemble.predict(blobs).shape == (96,)
    import keras

    import zoo

    exec(cut, {"__name__": "page", "keras": keras, "register": zoo.register})
    assert "xception_to_block13" in names()


def test_the_pages_account_of_a_folder(tmp_path, monkeypatch):
    for number, name in enumerate(("cat/1.png", "dog/2.png")):
        (tmp_path / "images" / name).parent.mkdir(parents=True)
        Image.new("RGB", (4, 4), (number, 0, 0)).save(tmp_path / "images" / name)
    (tmp_path / "images" / "cat" / ".hidden").touch()
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("docs/folders.md", "python")
    held = {"__name__": "page"}
    exec(code, held)
    assert (len(held["splits"].inventory), len(held["splits"].inventory.read)) == (3, 2)


@pytest.mark.slow
@pytest.mark.needs_shared
@pytest.mark.usefixtures("register_as_before")
def test_the_pages_cut_backbone_reads_its_file(shared):
    import keras

    import zoo

    exec(blocks("docs/adding-a-backbone.md", "python")[1], {"keras": keras, "register": zoo.register})
    options = {"backbone": "xception_to_block13", "classes": 2, "image_size": 96}
    model = assemble(Plan(**options, weights_dir=shared / "weights"))
    images = np.random.default_rng(0).integers(0, 256, (1, 96, 96, 3)).astype("uint8")
    random = assemble(Plan(**options, weights=None))
    random.get_layer("head").set_weights(model.get_layer("head").get_weights())
    assert np.abs(model.predict(images, verbose=0) - random.predict(images, verbose=0)).max() > 1e-3


def test_the_quickstarts_configuration_is_one():
    import tomllib

    (text,) = blocks("docs/quickstart.md", "toml")
    assert len(config_from(tomllib.loads(text)).plans()) == 2


@pytest.mark.slow
def test_the_page_on_scikit_learn_searches(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (searching,) = blocks("docs/scikit-learn.md", "python")
    exec(searching, {"__name__": "page"})
    assert "'method': '" in capsys.readouterr().out


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert target.startswith(MADE) or (page.parent / target).exists(), target


def test_every_dependency_has_its_reason():
    setup = (ROOT / "setup.cfg").read_text()
    required = re.findall(r"^    ([A-Za-z-]+) >=", setup, re.MULTILINE)
    reasons = (ROOT / "docs" / "dependencies.md").read_text().lower()
    assert required
    assert [name for name in required if name.lower() not in reasons] == []


def test_the_lock_names_no_host():
    assert "://" not in (ROOT / "requirements.lock").read_text()


@pytest.mark.fits
def test_the_page_on_pixels_runs(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    for row in range(12):
        path = tmp_path / "scans" / "ab"[row % 2] / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((9, 12), 300 * row, np.uint16)).save(path)
    (code,) = blocks("docs/pixels.md", "python")
    exec(code.replace("image_size=128", "image_size=16"), {})
    assert Ensemble.load("runs/scans").state_.reading.depth_range == (0, 4095)


def test_the_recipe_for_several_devices_asks_for_all_of_them():
    import tomllib

    (text,) = blocks("docs/jax.md", "toml")
    assert config_from(tomllib.loads(text)).recipe.devices == "all"


@pytest.mark.slow
def test_the_page_on_own_models_fits_and_is_a_configuration(tmp_path, monkeypatch, capsys):
    import tomllib

    import keras
    from PIL import Image

    monkeypatch.setattr("ensembles.RULES", ("soft",))
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for label, name in enumerate(("1", "2", "10", "11")):
        (tmp_path / "images" / name).mkdir(parents=True)
        for row in range(6):
            noise = random.integers(0, 30, (32, 32, 3)) + 60 * label
            Image.fromarray(noise.astype(np.uint8)).save(tmp_path / "images" / name / f"{row}.png")
    keras.utils.set_random_seed(0)
    pictures = keras.Input((32, 32, 3))
    model = keras.Model(pictures, keras.layers.Dense(4)(keras.layers.GlobalAveragePooling2D()(pictures)))
    for file in ("mine.keras", "theirs.keras"):
        model.save(file)
    (code,) = blocks("docs/own-models.md", "python")
    exec(code, {"__name__": "page"})
    assert capsys.readouterr().out == "{}\n"
    (text,) = blocks("docs/own-models.md", "toml")
    assert len(config_from(tomllib.loads(text)).plans()) == 3


@pytest.mark.slow
def test_the_page_on_trackers_records(tmp_path, monkeypatch):
    monkeypatch.setattr("ensembles.RULES", ("soft",))
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    live, recording = blocks("docs/trackers.md", "python")
    exec(live, page := {})
    assert (tmp_path / "runs" / "tensorboard" / "members" / "simple_cnn").is_dir()
    exec(recording.replace("http://localhost:5000", "file:mlruns"), page)
    assert list((tmp_path / "mlruns").glob(f"*/{page['run_id']}/artifacts/saved_model/saved_model.pb"))


def test_the_page_on_exporting_resizes_as_the_training_images_were(tmp_path, monkeypatch):
    import sys
    from types import SimpleNamespace

    from zoo.data.pictures.image_io import read

    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(0).integers(0, 256, (90, 70, 3), np.uint8)
    Image.fromarray(noise).save("cell.png")
    model = SimpleNamespace(shape=(16, 20, 3), predict=lambda images: images)
    monkeypatch.setitem(sys.modules, "model", SimpleNamespace(Model=lambda: model))
    code = next(block for block in blocks("docs/exporting.md", "python") if "resize" in block)
    exec(code, page := {})
    np.testing.assert_array_equal(page["answers"][0], read(tmp_path / "cell.png", (16, 20)))


def test_the_page_on_sources_makes_arrays_of_splits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for row in range(20):
        path = tmp_path / "images" / "ab"[row % 2] / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (10 * row, 0, 0)).save(path)
    code = next(block for block in blocks("docs/sources.md", "python") if "take(" in block)
    exec(code, {})
    loaded = {name: load(f"{name}.npz", whole=False).train for name in ("train", "validation", "test")}
    assert {name: len(images) for name, images in loaded.items()} == {"train": 12, "validation": 4, "test": 4}
    assert all(images.classes == ("a", "b") for images in loaded.values())


def test_the_page_on_colleagues_logits_combines_them(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = {}
    for code in blocks("docs/colleagues-logits.md", "python"):
        exec(code, page)
    assert page["better"].low > 0
    assert capsys.readouterr().out.startswith("ada: balanced accuracy 0.8")


@pytest.mark.slow
@pytest.mark.fits
def test_the_page_on_reports_writes_one(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("ensembles.RULES", ("soft",))
    monkeypatch.chdir(tmp_path)
    page = {}
    for code in blocks("docs/report.md", "python"):
        exec(code, page)
    for name in ("report.html", "report.json", "leaderboard.png", "recalls.svg", "two.png"):
        assert (tmp_path / name).stat().st_size > 1000, name
    assert "(4, 32, 32)" in capsys.readouterr().out
