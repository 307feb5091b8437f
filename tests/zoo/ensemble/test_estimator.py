"""The chain on images of 16x16 in three colours: seconds for what takes hours on real ones."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

import ensembles
from zoo import Ensemble, Member, Recipe, build, register
from zoo.data import Splits, as_images, limit, load, split
from zoo.evaluation.corrupted_copies import corrupt
from zoo.models import registry
from zoo.models.head import Head
from zoo.models.plan import Plan

pytestmark = [pytest.mark.fits, pytest.mark.usefixtures("eagerly")]

QUICK = Recipe(head_epochs=3, epochs=0, batch_size=16, head_learning_rate=3e-3)
ONCE = Recipe(head_epochs=1, epochs=0, validate="clean", augment="none")


@pytest.fixture(scope="module")
def splits(blobs):
    return split(blobs, validation=0.25, test=0.25)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def fitted(flat, conv, splits, store):
    return Ensemble([flat, conv], recipe=QUICK, store=store).fit(splits)


def test_fit_makes_members_rules_and_scores(fitted):
    assert [member.name for member in fitted.members_] == ["flat", "conv"]
    assert set(fitted.rules_) == set(ensembles.RULES)
    assert fitted.class_names_ == ("red", "green", "blue")
    assert {row["name"] for row in fitted.leaderboard()} == {"flat", "conv", *ensembles.RULES}


def test_the_rules_answer_is_what_is_predicted(fitted, splits):
    images = splits.test.take(np.arange(len(splits.test)))
    members = np.stack([member.logits(images) for member in fitted.members_])
    for method in ensembles.RULES:
        fitted.method = method
        np.testing.assert_array_equal(fitted.logits(images), fitted.rules_[method].combine(members))
    fitted.method = "soft"
    (temperature,) = fitted.rules_["soft"].after_
    np.testing.assert_allclose(fitted.logits(images) * temperature.temperature_, members.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(fitted.predict_proba(images).sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(fitted.predict(images), fitted.predict_proba(images).argmax(axis=1))
    assert fitted.predict(images).dtype == np.int64


def test_calibration_is_the_users_choice(fitted, splits, store, one_rule):
    plain = Ensemble(fitted.members, recipe=QUICK, store=store, calibration="none").fit(splits)
    images = splits.test.take(np.arange(len(splits.test)))
    members = np.stack([member.logits(images) for member in plain.members_])
    np.testing.assert_allclose(plain.logits(images), members.mean(axis=0), atol=1e-6)
    np.testing.assert_array_equal(plain.predict(images), fitted.predict(images))
    both = Ensemble(fitted.members, recipe=QUICK, store=store, calibration="vector", member_calibration="temperature")
    assert [len(both.fit(splits).rule_.before_), len(both.rule_.after_)] == [2, 1]
    with pytest.raises(ValueError, match=r"temperature.*'platt'"):
        Ensemble(fitted.members, calibration="platt").fit(splits)


@pytest.mark.slow
def test_a_rule_with_options_of_its_own_answers(fitted, splits, store):
    own = ensembles.Weighted(weights=[[1.0, 0.0, 0.5], [0.0, 1.0, 0.5]])
    ensemble = Ensemble(fitted.members, method=own, recipe=QUICK, store=store, calibration="none").fit(splits)
    assert not hasattr(ensemble.method, "weights_")
    members = ensemble.member_logits(splits.test)
    np.testing.assert_allclose(
        ensemble.logits(splits.test), own.fit(members, splits.test.labels).combine(members), atol=1e-5
    )
    assert [row["weight"] for row in ensemble.leaderboard() if row["kind"] == "member"] == [0.5, 0.5]
    assert set(ensemble.rules_) == set(ensembles.RULES)


def test_score_is_accuracy(fitted, splits):
    expected = (fitted.predict(splits.test) == splits.test.labels).mean()
    assert fitted.score(splits.test) == pytest.approx(expected)
    images = splits.test.take(np.arange(len(splits.test)))
    assert fitted.score(images, splits.test.labels) == pytest.approx(expected)


def test_the_leaderboard_of_other_images_is_scored_on_them(fitted, splits):
    board = fitted.leaderboard(splits)
    assert board.where == "24 images (test); no member or rule saw any of them"
    (soft,) = (row for row in board if row["name"] == "soft")
    assert soft["accuracy"] == pytest.approx(fitted.score(splits.test))


def test_the_validation_images_are_known_again_and_scored_out_of_fold(fitted, splits):
    pixels, labels = splits.validation.take(np.arange(len(splits.validation))), splits.validation.labels
    shuffled = np.random.default_rng(0).permutation(len(labels))
    assert str(fitted.leaderboard(splits.validation)) == str(fitted.leaderboard())
    board = fitted.leaderboard((pixels[shuffled], labels[shuffled]))
    assert board.where == fitted.leaderboard().where


def test_the_leaderboard_tells_which_images_were_seen(fitted, blobs):
    assert fitted.leaderboard(blobs).where == (
        "96 images (given); 48 of them trained the members; 24 of them chose epochs or fitted the rules"
    )


def test_images_that_nothing_divides_are_called_by_their_path(fitted, blobs, tmp_path):
    np.savez(tmp_path / "others.npz", images=blobs.pixels, labels=np.asarray(blobs.classes)[blobs.labels])
    assert fitted.leaderboard(tmp_path / "others.npz").where.startswith("96 images (others.npz); 48 of them")
    assert fitted.leaderboard(str(tmp_path / "others.npz")).where.startswith("96 images (others.npz); 48 of them")


def test_images_of_some_classes_keep_their_ids(fitted, splits):
    blue = splits.test.labels == 2
    images = splits.test.take(np.flatnonzero(blue))
    assert fitted.score(images, splits.test.labels[blue]) == (fitted.predict(images) == 2).mean()


def test_groups_in_two_splits_are_warned_of_once_and_not_by_every_member(flat, blobs, one_rule, caplog):
    groups = np.arange(len(blobs)) // 4
    images = replace(blobs, groups=groups)
    parts = Splits(images.subset(groups < 13), images.subset((groups >= 12) & (groups < 20)))
    Ensemble([flat], recipe=ONCE).fit(parts)
    assert len([one for one in caplog.messages if "groups of validation lie in train too" in one]) == 1
    assert len([one for one in caplog.messages if "validation images lie in train too" in one]) == 1


def test_a_relative_store_outlives_a_change_of_folder(fitted, splits, tmp_path, one_rule, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ensemble = Ensemble(fitted.members_[:1], store="here").fit(splits)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert ensemble.predict(splits.test).shape == (24,)


@pytest.mark.slow
def test_a_process_that_dies_takes_no_other_member_along(splits, tmp_path):
    @register(pixels="tf")
    def deadly_net(input_shape, weights=None):
        import os

        os._exit(9)

    try:
        ensemble = Ensemble(["deadly_net", "simple_cnn"], recipe=QUICK, store=tmp_path, jobs=2).fit(splits)
    finally:
        del registry._SPECS["deadly_net"]
    assert [member.name for member in ensemble.members_] == ["simple_cnn"]
    assert "its process died" in ensemble.failures_["deadly_net"]


def test_a_run_of_a_users_backbone_is_read_where_it_is_unknown(splits, tmp_path, one_rule):
    @register(pixels="inside")
    def private_net(input_shape, weights=None):
        images = keras.Input(input_shape)
        return keras.Model(images, keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images)))

    try:
        ensemble = Ensemble(["private_net"], recipe=ONCE, store=tmp_path).fit(splits)
    finally:
        del registry._SPECS["private_net"]
    loaded = Ensemble.load(ensemble.save(tmp_path))
    np.testing.assert_array_equal(loaded.logits(splits.test), ensemble.logits(splits.test))
    with pytest.raises(ValueError, match="registered"):
        loaded.members_[0].fit(splits)


def test_names_that_meet_are_told_apart(fitted, splits, tmp_path, one_rule):
    first, second = fitted.members_
    mixed = Ensemble([first.renamed("net"), second.renamed("net"), second.renamed("net_2")], store=tmp_path).fit(splits)
    assert [member.name for member in mixed.members_] == ["net", "net_2", "net_2_2"]
    assert mixed.keys_[1] != mixed.keys_[0]


@pytest.mark.parametrize("name", ["my net", "../up", "logits", "soft", ""])
def test_a_name_that_files_and_layers_cannot_bear_is_refused(name):
    with pytest.raises(ValueError, match="name"):
        Member(name)


def test_learned_rules_are_scored_out_of_fold(fitted, splits):
    logits = np.stack([member.logits(splits.validation) for member in fitted.members_])
    honest = ensembles.out_of_fold(fitted.rules_["stacked"], logits, splits.validation.labels)
    (row,) = (row for row in fitted.leaderboard() if row["name"] == "stacked")
    assert row["log_loss"] == pytest.approx(ensembles.metrics.log_loss(honest, splits.validation.labels), rel=1e-4)


def test_the_leaderboard_says_what_rows_were_used_for_and_what_members_cost(fitted):
    rows = {row["name"]: row for row in fitted.leaderboard()}
    members = [rows[member.name] for member in fitted.members_]
    assert {row["rows"] for row in rows.values()} == {24}
    assert [row["rows_fitted"] for row in members] == [48, 48]
    assert rows["soft"]["rows_fitted"] == 24
    assert rows["soft"]["parameters"] == sum(member.parameters for member in fitted.members_)
    assert rows["soft"]["seconds"] == pytest.approx(sum(member.seconds for member in fitted.members_))
    both = 1 / sum(1 / row["images_per_second"] for row in members)
    assert rows["soft"]["images_per_second"] == pytest.approx(both)
    assert all(row["balanced_low"] <= row["balanced_accuracy"] <= row["balanced_high"] for row in rows.values())


def test_networks_are_not_held_after_they_were_measured(flat, splits, tmp_path, one_rule):
    ensemble = Ensemble([flat], recipe=ONCE, store=tmp_path).fit(splits)
    assert ensemble.leaderboard_[0]["images_per_second"] > 0
    assert ensemble.members_[0]._model is None


@pytest.fixture(scope="module")
def shifted(fitted, splits):
    return fitted.shift(splits, limit=6, seed=1)


def test_under_shift_every_member_and_rule_is_scored_on_corrupted_images(fitted, splits, shifted):
    assert {row["name"] for row in shifted} == {"flat", "conv", *ensembles.RULES}
    assert shifted.where == "6 images (test); no member or rule saw any of them"
    few = corrupt(limit(splits.test, 6, seed=1), "brightness_down", 5, seed=1)
    answers = {member.name: member.logits(few) for member in fitted.members_}
    members = np.stack(list(answers.values()))
    answers |= {name: rule.combine(members) for name, rule in fitted.rules_.items()}
    for row in shifted:
        expected = ensembles.metrics.balanced_accuracy(answers[row["name"]], few.labels)
        assert row["brightness_down_5"] == pytest.approx(expected)


def test_logits_under_shift_are_kept(fitted, splits, shifted, monkeypatch):
    for way in ("logits", "timed_logits"):
        monkeypatch.setattr(Member, way, lambda *_, **__: pytest.fail("predicted again"))
    assert str(fitted.shift(splits, limit=6, seed=1)) == str(shifted)


def test_the_leaderboard_shows_clean_and_shifted_side_by_side(fitted, splits, shifted, monkeypatch):
    monkeypatch.setattr(Ensemble, "shift", lambda *_, **__: shifted)
    board, clean = fitted.leaderboard(splits, shift=True), fitted.leaderboard(splits)
    assert [row["name"] for row in board] == [row["name"] for row in clean]
    assert "shifted" in str(board)
    assert "shifted" not in str(clean)
    assert {row["name"]: row["shifted"] for row in board} == {row["name"]: row["shifted"] for row in shifted}


def test_under_shift_the_validation_images_are_the_default_while_there_are_some(fitted, tmp_path, monkeypatch):
    monkeypatch.setattr("zoo.evaluation.corrupted_copies.suite", lambda *_, **__: [])
    assert (
        fitted.shift().where == "24 held-out validation images, which may have chosen epochs; learned rules out of fold"
    )
    loaded = Ensemble.load(fitted.save(tmp_path))
    with pytest.raises(ValueError, match="loaded"):
        loaded.shift()
    with pytest.raises(ensembles.NotFittedError, match=r"fit\("):
        Ensemble(["simple_cnn"]).shift()


def test_what_is_present_is_not_trained_again(fitted, splits, store, monkeypatch):
    monkeypatch.setattr(Member, "fit", lambda *_, **__: pytest.fail("trained again"))
    monkeypatch.setattr(Member, "logits", lambda *_, **__: pytest.fail("predicted again"))
    monkeypatch.setattr(Member, "timed_logits", lambda *_, **__: pytest.fail("predicted and measured again"))
    monkeypatch.setattr("zoo.members.files.read_model", lambda *_: pytest.fail("read a network"))
    again = Ensemble(["conv", "flat"], method="weighted", recipe=QUICK, store=store).fit(splits)
    assert sorted(again.keys_) == sorted(fitted.keys_)
    speeds = {row["name"]: row["images_per_second"] for row in fitted.leaderboard()}
    assert {row["name"]: row["images_per_second"] for row in again.leaderboard() if row["kind"] == "member"} == {
        member.name: speeds[member.name] for member in fitted.members_
    }


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"recipe": ONCE}, {"head": Head(units=4)}], ids=["seed", "recipe", "head"]
)
def test_what_decides_the_weights_decides_the_key(fitted, splits, store, change, monkeypatch, one_rule):
    class TrainingError(Exception):
        """The key was not found."""

    def train(*_, **__):
        raise TrainingError

    monkeypatch.setattr(Member, "fit", train)
    options = {"recipe": QUICK, "store": store}
    assert Ensemble(["flat"], **options).fit(splits).keys_[0] in fitted.keys_
    with pytest.raises(RuntimeError, match="TrainingError"):
        Ensemble(["flat"], **(options | change)).fit(splits)


def test_a_changed_or_cut_member_is_made_again(flat, splits, tmp_path, one_rule):
    ensemble = Ensemble([flat], recipe=ONCE, store=tmp_path).fit(splits)
    model = tmp_path / "members" / ensemble.keys_[0] / "model.keras"
    model.write_bytes(model.read_bytes()[:-100])
    again = Ensemble([flat], recipe=ONCE, store=tmp_path).fit(splits)
    assert again.score(splits.test) == ensemble.score(splits.test)


def test_names_members_keras_models_and_plans_mix(flat, fitted, splits, tmp_path, one_rule):
    member = Member.from_keras(probabilities_model(), name="theirs")
    ready = fitted.members_[0]
    weights = [w.copy() for w in ready.model.get_weights()]
    mixed = Ensemble(
        [flat, Plan(backbone=flat, name="small", resize=8), build(flat, 3), ready, member],
        recipe=ONCE,
        store=tmp_path,
    ).fit(splits)
    names = [m.name for m in mixed.members_]
    assert names == ["flat", "small", "flat_2", "flat_3", "theirs"]
    for before, after in zip(weights, mixed.members_[3].model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.slow
def test_one_name_twice_is_two_networks(flat, splits, tmp_path, one_rule):
    twice = Ensemble([flat, flat], recipe=ONCE, store=tmp_path).fit(splits)
    first, second = (member.logits(splits.test) for member in twice.members_)
    assert np.abs(first - second).max() > 1e-3
    assert [member.plan.seed for member in twice.members_] == [0, 1]


def test_a_member_that_fails_is_listed_and_the_others_go_on(fitted, splits, store, tmp_path, one_rule):
    members = ["flat", Plan(backbone="mobilenet_v2", weights=str(tmp_path / "absent.weights.h5"))]
    ensemble = Ensemble(members, recipe=QUICK, store=store).fit(splits)
    assert [member.name for member in ensemble.members_] == ["flat"]
    assert "there is none at" in ensemble.failures_["mobilenet_v2"]
    assert "mobilenet_v2: failed: WeightsNotFoundError" in str(ensemble.leaderboard())


def test_two_processes_give_the_same_logits_as_one_and_know_the_users_builders(fitted, splits, tmp_path, one_rule):
    @register(pixels="tf", min_size=8)
    def broken_net(input_shape, weights=None):
        raise RuntimeError("no such layer")

    try:
        two = Ensemble(["flat", "conv", "broken_net"], recipe=QUICK, store=tmp_path, jobs=2).fit(splits)
    finally:
        del registry._SPECS["broken_net"]
    assert [member.name for member in two.members_] == ["flat", "conv"]
    assert two.failures_ == {"broken_net": "RuntimeError: no such layer"}
    for one, other in zip(fitted.members_, two.members_, strict=True):
        np.testing.assert_allclose(other.logits(splits.test), one.logits(splits.test), atol=1e-4)


def test_when_all_fail_the_reasons_are_told(splits, tmp_path):
    plan = Plan(backbone="mobilenet_v2", weights=str(tmp_path / "absent.weights.h5"))
    with pytest.raises(RuntimeError, match="mobilenet_v2: WeightsNotFoundError"):
        Ensemble([plan], recipe=QUICK, store=tmp_path).fit(splits)


def test_validation_is_held_out_where_none_is_given(fitted, blobs, tmp_path, one_rule, caplog):
    with caplog.at_level("INFO", logger="zoo"):
        ensemble = Ensemble(fitted.members_[:1], store=tmp_path).fit(blobs)
    assert "20 of 96" in caplog.text
    assert "20 held-out validation images" in ensemble.leaderboard().where


def test_fit_takes_a_tf_dataset_alone(flat, blobs, tmp_path, one_rule):
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices((blobs.pixels, blobs.labels)).batch(10)
    assert Ensemble([flat], recipe=ONCE, store=tmp_path).fit(dataset).class_names_ == ("0", "1", "2")


def test_saved_and_loaded_it_answers_the_same(fitted, splits, tmp_path):
    fitted.method = "weighted"
    loaded = Ensemble.load(fitted.save(tmp_path / "moved"))
    assert loaded.method == "weighted"
    np.testing.assert_array_equal(loaded.logits(splits.test), fitted.logits(splits.test))
    assert str(loaded.leaderboard()) == str(fitted.leaderboard())
    assert loaded.class_names_ == fitted.class_names_
    assert loaded.classes_.tolist() == fitted.classes_.tolist()
    assert (tmp_path / "moved" / "leaderboard.csv").is_file()


def test_a_leaderboard_that_was_saved_without_intervals_and_costs_is_read(fitted, tmp_path):
    record_file = fitted.save(tmp_path) / "ensemble.json"
    record = json.loads(record_file.read_text())
    added = ("balanced_low", "balanced_high", "shifted_low", "shifted_high", "images_per_second", "rows", "rows_fitted")
    for entry in record["leaderboard"]["entries"]:
        for column in added:
            del entry[column]
    del record["seal"]  # which those of format 3 did not have either
    record_file.write_text(json.dumps(record | {"format": 3}))
    for row, own in zip(Ensemble.load(tmp_path).leaderboard(), fitted.leaderboard(), strict=True):
        assert row == own | dict.fromkeys(added)


def test_nothing_saved_is_executable(fitted, tmp_path):
    kinds = {path.suffix for path in fitted.save(tmp_path / "saved").rglob("*") if path.is_file()}
    assert kinds <= {".json", ".csv", ".keras", ".npy"}


def test_mistakes_are_named(fitted, splits, blobs, tmp_path):
    with pytest.raises(ValueError, match="mean 'stacked'"):
        Ensemble(["simple_cnn"], method="stackd").fit(splits)
    with pytest.raises(ValueError, match="mean 'simple_cnn'"):
        Ensemble(["simple_cn"]).fit(splits)
    with pytest.raises(ValueError, match="member"):
        Ensemble([]).fit(splits)
    with pytest.raises(TypeError, match=r"Plan.*keras\.Model.*int"):
        Ensemble([3]).fit(splits)
    with pytest.raises(ensembles.NotFittedError, match=r"fit\("):
        Ensemble(["simple_cnn"]).predict(splits.test)
    with pytest.raises(FileNotFoundError, match=r"ensemble\.json"):
        Ensemble.load(tmp_path)
    with pytest.raises(ValueError, match=r"\(16, 16\).*\(8, 8\)"):
        fitted.predict(np.zeros((1, 8, 8, 3), np.uint8))
    other = as_images(blobs.pixels, blobs.labels, ("a", "b", "c"))
    with pytest.raises(ValueError, match="red, green, blue"):
        fitted.leaderboard(other)


def test_a_fitted_member_of_other_data_is_refused(fitted):
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 3)).astype(np.uint8)
    other = load(noise, np.arange(8) % 2)
    with pytest.raises(ValueError, match=r"\(16, 16\).*3 classes"):
        Ensemble([fitted.members_[0]]).fit(other)


def test_a_loaded_member_that_was_changed_is_refused(fitted, tmp_path):
    fitted.save(tmp_path)
    model = tmp_path / "members" / fitted.keys_[0] / "model.keras"
    model.write_bytes(model.read_bytes() + b"x")
    with pytest.raises(ValueError, match="changed"):
        Ensemble.load(tmp_path)


def test_a_rule_that_cannot_be_written_is_told_before_anything_is(fitted, splits, tmp_path):
    forest = ensembles.Stacked(estimator=RandomForestClassifier(3, random_state=0))
    ensemble = Ensemble(fitted.members_, method=forest, calibration="none", store=tmp_path / "store").fit(splits)
    with pytest.raises(TypeError, match="rule"):
        ensemble.save(tmp_path / "saved")
    assert not (tmp_path / "saved").exists()
    ensemble.method = "soft"
    assert "stacked" not in Ensemble.load(ensemble.save(tmp_path / "saved")).rules_


def test_user_callbacks_reach_keras(flat, splits, tmp_path, one_rule):
    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    Ensemble([flat], recipe=replace(ONCE, head_epochs=3), store=tmp_path).fit(splits, callbacks=[callback])
    assert seen == [0, 1, 2]


def probabilities_model():
    images = keras.Input((16, 16, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(images))
    return keras.Model(images, keras.layers.Dense(3, activation="softmax")(pooled), name="theirs")


def test_the_register_is_as_before():
    with pytest.raises(ValueError, match="broken_net"):
        registry.spec("broken_net")
