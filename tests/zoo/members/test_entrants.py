import logging
import re
from dataclasses import replace

import keras
import numpy as np
import pytest

from zoo import Ensemble, Member
from zoo.members.entrants import Defaults, Refused, enter
from zoo.members.store import adopted_key
from zoo.models.head import Head
from zoo.models.keras_file import KerasFile
from zoo.models.plan import Plan

pytestmark = pytest.mark.fits

DEFAULTS = Defaults(Head(), None, None, 7)


def test_a_name_becomes_a_complete_plan(blobs):
    (plan,) = enter(["simple_cnn"], DEFAULTS, blobs)
    assert plan == Plan(backbone="simple_cnn", classes=3, image_size=16, weights=None, seed=7)


@pytest.mark.parametrize(("backbone", "size"), [("mobilenet_v2", (32, 32)), ("inception_v3", (80, 80))])
def test_images_too_small_for_a_backbone_are_enlarged_by_a_whole_factor(blobs, caplog, backbone, size):
    with caplog.at_level("INFO", logger="zoo"):
        (plan,) = enter([backbone], DEFAULTS, blobs)
    assert plan.resize == size
    assert re.search(rf"\(16, 16\).*{re.escape(str(size))}", caplog.text)


def test_a_size_that_was_chosen_stays(blobs):
    (plan,) = enter([Plan(backbone="mobilenet_v2", resize=48)], DEFAULTS, blobs)
    assert plan.resize == (48, 48)


def test_one_name_several_times_gets_a_seed_each(blobs):
    plans = enter(["simple_cnn"] * 3, DEFAULTS, blobs)
    assert [(plan.name, plan.seed) for plan in plans] == [
        ("simple_cnn", 7),
        ("simple_cnn_2", 8),
        ("simple_cnn_3", 9),
    ]


def test_one_network_under_two_spellings_gets_a_seed_each(blobs):
    plans = enter(["simple_cnn", "tune:simple_cnn"], DEFAULTS, blobs)
    assert [plan.seed for plan in plans] == [7, 8]
    plans = enter(["simple_cnn", "probe:simple_cnn"], replace(DEFAULTS, adapt="probe"), blobs)
    assert [plan.seed for plan in plans] == [7, 8]


def _own(kernel=None, shape=(16, 16, 3), classes=3, name="own", middle=lambda x: x):
    """A network that needs no training: the mean of each channel is the logit of a class."""
    images = keras.Input(shape)
    dense = keras.layers.Dense(classes, use_bias=False)
    model = keras.Model(images, dense(keras.layers.GlobalAveragePooling2D()(middle(images))), name=name)
    dense.set_weights([np.eye(3, classes) if kernel is None else np.asarray(kernel)])
    return model


class Doubled(keras.layers.Layer):
    def call(self, images):
        return images * 2


STRANGE = {
    "another size": (lambda: _own(shape=(24, 24, 3)), "(24, 24)"),
    "a size that is open": (lambda: _own(shape=(None, None, 3)), "(N, H, W, 3)"),
    "grey": (lambda: _own(np.ones((1, 3)), shape=(16, 16, 1)), "(N, H, W, 3)"),
    "other classes": (lambda: _own(np.ones((3, 5)), classes=5), "5 classes"),
    "NaN": (lambda: _own(np.full((3, 3), np.nan)), "NaN"),
    "code in a layer": (lambda: _own(middle=keras.layers.Lambda(lambda x: x * 2)), "Lambda"),
    "a layer of one's own": (lambda: _own(middle=Doubled()), "'Doubled'"),
    "columns in another order": (lambda: _own(np.roll(np.eye(3), 1, axis=1)), "classes=["),
}


def test_what_cannot_take_part_is_listed_with_its_reason_and_the_others_go_on(blobs, one_rule, tmp_path):
    strange = {title.replace(" ", "_").replace("'", ""): make for title, (make, _) in STRANGE.items()}
    models = []
    for name, make in strange.items():
        model = make()
        model.name = name
        models.append(model)
    ensemble = Ensemble([*models, _own(name="good")], store=tmp_path).fit(blobs)
    assert [member.name for member in ensemble.members_] == ["good"]
    for name, (_, word) in zip(strange, STRANGE.values(), strict=True):
        assert word in ensemble.failures_[name], name
    assert ensemble.score(blobs) > 0.95


def test_networks_that_are_all_refused_are_an_error_before_anything_is_trained(blobs, refused):
    with refused("own", "own_2", "(24, 24)", "5 classes"):
        enter([_own(shape=(24, 24, 3)), _own(np.ones((3, 5)), classes=5)], DEFAULTS, blobs)


def test_the_path_of_a_model_is_a_member(blobs, one_rule, tmp_path):
    path = tmp_path / "by colour.keras"
    _own().save(path)
    member, other = enter([str(path), path], DEFAULTS, blobs)
    assert (member.name, other.name) == ("by_colour", "by_colour_2")
    assert (member.logits(blobs).argmax(axis=1) == blobs.labels).mean() > 0.95


def test_what_is_suspicious_of_a_member_stays_with_the_ensemble(blobs, one_rule, tmp_path):
    ensemble = Ensemble([_own(np.eye(3)[::-1] * 0, name="idle"), _own(name="good")], store=tmp_path).fit(blobs)
    assert "chance" in ensemble.state_.doubts["idle"]
    assert not {"good"} & set(ensemble.state_.doubts)
    for board in (Ensemble.load(tmp_path).leaderboard(), Ensemble.load(tmp_path).leaderboard(blobs)):
        assert any("idle answers like chance" in note for note in board.notes)


def test_a_better_reading_is_told_with_both_scores_and_the_remedy_and_stays_on_the_leaderboard(blobs, one_rule, caplog):
    """Two classes exchanged, and the third preferred: too unsure to refuse, and too likely to say nothing."""
    kernel = np.eye(3)[::-1] + np.array([[0, 0.9, 0], [0, 0, 0], [0, 0.9, 0]])
    ensemble = Ensemble([_own(kernel, name="mirrored"), _own(name="good")]).fit(blobs)
    (note,) = (note for note in ensemble.leaderboard().notes if "mirrored" in note)
    assert re.search(r"received \d+ of \d+ images right as they are, and \d+ with .*from_keras\(model, .*zoo fit", note)
    assert "mirrored" in caplog.text


def test_a_file_is_called_by_its_own_name_and_not_by_the_models(blobs, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    _own(np.roll(np.eye(3), 1, axis=1), name="functional_7").save(tmp_path / "k01.keras")
    _own(shape=(24, 24, 3), name="functional_8").save(tmp_path / "large.keras")
    _own(np.ones((1, 3)), shape=(16, 16, 1), name="functional_9").save(tmp_path / "grey.keras")
    ordered = KerasFile(model=tmp_path / "k01.keras", name="theirs", classes=("blue", "red", "green"))
    found = enter([ordered, tmp_path / "large.keras", tmp_path / "grey.keras"], DEFAULTS, blobs)
    assert [one.name for one in found] == ["theirs", "large", "grey"]
    assert "'large'" in found[1].reason
    assert "'grey'" in found[2].reason
    assert "theirs: its columns" in caplog.text
    assert "functional" not in caplog.text


def test_a_file_with_its_classes_has_its_columns_put_in_order(blobs, tmp_path):
    path = tmp_path / "best.keras"
    _own(np.roll(np.eye(3), 1, axis=1)).save(path)
    (member,) = enter([KerasFile(model=path, classes=("blue", "red", "green"))], DEFAULTS, blobs)
    assert member.name == "best_model"
    assert (member.logits(blobs).argmax(axis=1) == blobs.labels).mean() > 0.95


def test_the_key_of_an_adopted_member_has_the_order_of_its_columns(blobs):
    model = _own()
    members = [Member.from_keras(model, classes=names) for names in (None, ["green", "red", "blue"])]
    first, second = enter(members, DEFAULTS, blobs)
    assert adopted_key(first) == adopted_key(Member.from_keras(model))
    assert adopted_key(first).split("-")[-1] != adopted_key(second).split("-")[-1]


@pytest.mark.parametrize("name", ["absent.keras", "nets/absent.KERAS"])
def test_a_file_that_is_not_there_is_an_error_at_once(name, blobs, refused):
    with refused("file", name, error=FileNotFoundError):
        enter(["simple_cnn", name], DEFAULTS, blobs)


@pytest.mark.parametrize("name", ["own.h5", "own.hdf5", "own.pb", "own", "own.d/"])
def test_files_of_other_kinds_are_listed_as_failed_and_the_others_go_on(name, blobs, tmp_path, refused):
    path = tmp_path / name
    path.mkdir() if name.endswith("/") else path.touch()
    first, plan = enter([path, "simple_cnn"], DEFAULTS, blobs)
    assert isinstance(first, Refused)
    assert isinstance(plan, Plan)
    for word in (".keras", str(path), "model.save"):
        assert word in first.reason
    with refused(".keras", "model.save"):
        enter([path], DEFAULTS, blobs)


def test_a_network_of_another_size_is_told_how_to_resize(blobs):
    large = _own(shape=(24, 20, 3))
    first, _ = enter([large, "simple_cnn"], DEFAULTS, blobs)
    assert "image_size=(24, 20) (zoo: --image-size 24x20)" in first.reason
    wrapped = re.search(r"keras\.Sequential\(.*\bmodel\]\)", first.reason)[0]
    (member,) = enter([eval(wrapped, {"keras": keras, "model": large})], DEFAULTS, blobs)
    assert (member.logits(blobs).argmax(axis=1) == blobs.labels).mean() > 0.95


def test_a_file_that_is_cut_is_listed_as_failed(blobs, tmp_path):
    path = tmp_path / "cut.keras"
    _own().save(path)
    path.write_bytes(path.read_bytes()[:100])
    refused, plan = enter([path, "simple_cnn"], DEFAULTS, blobs)
    assert isinstance(refused, Refused)
    assert "cut" in refused.reason
    assert isinstance(plan, Plan)
