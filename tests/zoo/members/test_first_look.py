"""zoo/members/first_look.py: trained models are looked at before images are read."""

import keras
import pytest

from zoo import Ensemble, Member, build
from zoo.members.first_look import fitted_of, look_first

pytestmark = pytest.mark.fits


@pytest.fixture
def model():
    images = keras.Input((16, 16, 3))
    outputs = keras.layers.Dense(4)(keras.layers.GlobalAveragePooling2D()(images))
    return keras.Model(images, outputs, name="theirs")


@pytest.fixture
def bad(tmp_path):
    (tmp_path / "bad.keras").write_text("junk")
    return str(tmp_path / "bad.keras")


@pytest.fixture
def unread(monkeypatch):
    monkeypatch.setattr("zoo.ensemble.estimator.with_validation", lambda *_, **__: pytest.fail("images are read"))


def test_what_can_take_part_passes(model, tmp_path, caplog):
    model.save(tmp_path / "mine.keras")
    look_first(["simple_cnn x2", build("simple_cnn", 4), model, tmp_path / "mine.keras", Member.from_keras(model)])
    look_first([model], image_size=16, classes=list("abcd"))
    look_first([])
    assert not caplog.records


def test_what_cannot_is_named_and_the_others_go_on(bad, model, caplog):
    look_first([bad, "simple_cnn"])
    assert "bad: " in caplog.text
    assert "loaded" in caplog.text
    caplog.clear()
    look_first([model, "simple_cnn"], image_size=32)
    assert "theirs: " in caplog.text
    assert "Resizing" in caplog.text


@pytest.mark.parametrize("known", [{"image_size": 32}, {"classes": ["a", "b"]}])
def test_images_of_another_size_or_classes_are_refused_where_they_are_known(known, model, refused):
    with refused("theirs", "as in the data"):
        look_first([model], **known)


@pytest.mark.parametrize("call", ["plan", "fit"])
def test_none_that_can_take_part_is_refused_before_images_are_read(call, bad, unread, refused):
    with refused("bad", "can be loaded"):
        getattr(Ensemble([bad]), call)("images/")


@pytest.mark.parametrize("call", ["plan", "fit"])
@pytest.mark.parametrize(("options", "error"), [({"folds": 3}, ValueError), ({"time_limit": "1m"}, TypeError)])
def test_options_that_go_with_no_fitted_member_are_refused_likewise(call, options, error, model, unread, refused):
    with refused("theirs", error=error):
        getattr(Ensemble([model, "simple_cnn"], **options), call)("images/")


def test_fitted_members_are_found_by_what_they_are(model):
    assert fitted_of(["simple_cnn", build("simple_cnn", 4), model]) == ["theirs"]
