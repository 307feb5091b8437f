"""The code of pages that train large networks: run with small ones in their place, on small images in eight classes."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.models import registry

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LARGE = ("mobilenet_v2", "mobilenet_v2_035", "efficientnet_v2_b0", "simple_cnn")
PROBED = "densenet121"  # with weights from a file
CLASSES, EACH, SIDE = 8, 14, 8


def code(page):
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_code_is_python(page):
    for block in code(page):
        ast.parse(block)


def small(input_shape, weights=None):
    """Stand for a backbone: one convolution."""
    import keras

    images = keras.Input(input_shape)
    return keras.Model(images, keras.layers.Conv2D(4, 3, strides=2, activation="relu", name="conv_1")(images))


def pictures(seed):
    random, labels = np.random.default_rng(seed), np.repeat(np.arange(CLASSES), EACH)
    return (random.integers(0, 25, (len(labels), SIDE, SIDE, 3)) + labels[:, None, None, None] * 30).astype(
        "uint8"
    ), labels


@pytest.fixture
def page(tmp_path, monkeypatch):
    """What the pages take for granted: folders and arrays of images, and their names in Python."""
    import zoo

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ensembles.RULES", ("soft",))
    own = {
        name: replace(registry.spec(name), builder=small, imagenet=None, min_size=4, parameters=None) for name in LARGE
    }
    own[PROBED] = replace(registry.spec(PROBED), builder=small, imagenet="file", min_size=4, parameters=None)
    small((SIDE, SIDE, 3)).save_weights(tmp_path / f"{PROBED}.weights.h5")
    monkeypatch.setenv("ZOO_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(registry, "_SPECS", registry._SPECS | own)
    for seed, folder in enumerate(("images", "validation")):
        for row, (pixels, label) in enumerate(zip(*pictures(seed), strict=True)):
            path = tmp_path / folder / f"class_{label}" / f"patient_{row % EACH}_{row}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    images, labels = pictures(2)
    np.savez("training_set.npz", images=images, labels=labels)
    return vars(zoo) | {
        **{name: getattr(zoo, name) for name in zoo.__all__},
        "zoo": zoo,
        "np": np,
        "X": images,
        "y": labels,
        "patients": np.arange(len(labels)) % EACH,
    }


def run(page, *blocks):
    for block in blocks:
        exec(block, page)
    return page


@pytest.mark.slow
@pytest.mark.fits
def test_the_readme_and_what_is_done_with_its_run(page):
    run(page, *code("README.md"))
    page["images"] = page["X"]
    run(page, code("docs/exporting.md")[0])
    assert Path("submission.zip").is_file()
    page["images"] = page["load"]("validation/").train
    reading, engines = code("docs/predicting.md")[:2]
    run(page, reading)
    assert page["done"].images == CLASSES * EACH
    run({**page, "images": page["X"]}, engines)
    page["member"] = page["ensemble"].members_[0]
    shown = page["images"]
    Path("bloodmnist-c").mkdir()
    copies = {"test_images": np.tile(shown.pixels, (5, 1, 1, 1)), "test_labels": np.tile(shown.labels, 5)}
    np.savez("bloodmnist-c/unchanged.npz", **copies)
    run(page, *code("docs/shift.md"))
    assert page["scores"].worst <= page["scores"].shifted


@pytest.mark.slow
@pytest.mark.fits
def test_the_quickstart(page):
    import keras

    given = keras.Input((SIDE, SIDE, 3))
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(given))
    page["my_trained_keras_model"] = keras.Model(given, keras.layers.Dense(CLASSES)(flat))
    run(page, *code("docs/quickstart.md"))
    assert page["member"].logits(page["X"]).shape == (CLASSES * EACH, CLASSES)
    assert Path("members/mobilenet_v2").is_dir()


@pytest.mark.slow
@pytest.mark.fits
def test_more_from_the_same_members(page):
    page["images"] = page["load"]("validation/").train
    run(page, *code("docs/members.md"))
    assert page["answers"].sets.shape == (CLASSES * EACH, CLASSES)


@pytest.mark.fits
def test_cleaning(page):
    run(page, *code("docs/cleaning.md"))
    assert Path("report/findings.csv").is_file()


@pytest.mark.slow
@pytest.mark.fits
def test_training_and_several_devices(page):
    run(page, *code("docs/training.md"), *code("docs/scale.md"))
    assert page["forecast"].total > 0
