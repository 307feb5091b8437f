"""Who saw what, with folds: no image is answered by a network that learned from it."""

from dataclasses import replace

import numpy as np
import pytest

import ensembles
from zoo import Ensemble, Recipe
from zoo.data import Splits
from zoo.members.member import Member
from zoo.members.test_time_views import Gain, with_views

MEMORISE = Recipe(
    head_epochs=8, epochs=0, head_learning_rate=0.1, augment="none", patience=None, batch_size=8, validate="clean"
)


@pytest.fixture(scope="module", autouse=True)
def one_rule():
    """The others are fitted in seconds, and are fitted on the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensembles, "RULES", ("soft",))
        yield


@pytest.fixture(scope="module")
def learned():
    """By network, the digests of the images that it was trained on."""
    seen = {}
    fit = Member.fit

    def noting(self, train, validation=None, *args, **options):
        seen[self.name] = frozenset(train.digests)
        return fit(self, train, validation, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Member, "fit", noting)
        yield seen


@pytest.fixture(scope="module")
def data(noise):
    return Splits(noise.subset(np.arange(36)), noise.subset(np.arange(36, 48)))


@pytest.fixture(scope="module")
def remembering(flat, data, learned, one_rule, tmp_path_factory):
    """An ensemble of one member in three folds, each of which remembers all that it was shown."""
    store = tmp_path_factory.mktemp("store")
    return Ensemble([flat], recipe=MEMORISE, folds=3, calibration="none", store=store).fit(data)


@pytest.fixture
def networks(remembering, learned):
    """The folds' networks, by name."""
    stored = [remembering.store_.member(path.name) for path in remembering.store_.members.glob("flat-*")]
    found = {member.name: member for member in stored if member.plan and "_fold_" in member.name}
    assert set(found) == {"flat_fold_1", "flat_fold_2", "flat_fold_3"} <= set(learned)
    return found


def check_honest(evidence, digests, answers, learned):
    """Fail if a row's logits are those of a network that learned from it, or of no network at all."""
    for row, digest in enumerate(digests):
        strangers = [name for name, known in learned.items() if digest not in known]
        assert len(strangers) == 1
        assert [name for name, own in answers.items() if np.allclose(own[row], evidence[row], atol=1e-3)] == strangers


@pytest.mark.slow
def test_a_leak_would_be_seen_in_every_row(remembering, networks, data, learned):
    """Labels are random, so that only a memory can tell them: networks that saw an image know its label."""
    digests, evidence = data.train.digests, remembering.held_out_.of(data.train)[0]
    known = {name: learned[name] for name in networks}
    answers = {name: network.logits(data.train) for name, network in networks.items()}
    check_honest(evidence, digests, answers, known)
    for row, digest in enumerate(digests):
        leaked = evidence.copy()
        leaked[row] = next(answers[name][row] for name in known if digest in known[name])
        with pytest.raises(AssertionError):
            check_honest(leaked, digests, answers, known)


@pytest.mark.slow
def test_views_of_folds_networks_are_of_those_that_did_not_learn(
    remembering, networks, flat, data, learned, monkeypatch
):
    monkeypatch.setattr(Gain, "helps", True)
    store = remembering.store_.root
    seeing = Ensemble([flat], recipe=MEMORISE, folds=3, views="flips", calibration="none", store=store).fit(data)
    answers = {name: with_views(network, "flips").logits(data.train) for name, network in networks.items()}
    known = {name: learned[name] for name in networks}
    check_honest(seeing.held_out_.of(data.train)[0], data.train.digests, answers, known)


@pytest.mark.slow
def test_each_cycles_snapshots_are_scored_by_the_fold_that_they_missed(flat, data, tmp_path):
    recipe = replace(MEMORISE, epochs=4, learning_rate=0.01)
    ensemble = Ensemble([flat], recipe=recipe, folds=3, snapshots=2, calibration="none", store=tmp_path).fit(data)
    assert len(ensemble.members_) == 2
    for row in ensemble.leaderboard():
        assert row["kind"] == "rule" or row["accuracy"] < 0.6
    for member in ensemble.members_:
        assert (member.predict(data.train) == data.train.labels).mean() > 0.9


def test_what_is_remembered_scores_nothing_out_of_fold(remembering, data):
    (member,) = (row for row in remembering.leaderboard() if row["kind"] == "member")
    assert member["accuracy"] < 0.6
    assert (remembering.members_[0].predict(data.train) == data.train.labels).mean() > 0.9
    assert remembering.leaderboard().where == (
        "36 training images, each by networks trained without it; learned rules out of fold"
    )
    assert remembering.leaderboard(data.train).where == remembering.leaderboard().where
    assert "chose the epochs" in remembering.leaderboard(data.validation).where


def test_the_member_is_the_mean_of_the_folds_networks(remembering, networks, data):
    mean = np.mean([network.logits(data.validation) for network in networks.values()], axis=0)
    np.testing.assert_allclose(remembering.members_[0].logits(data.validation), mean, atol=1e-4)
    assert remembering.members_[0].parameters == sum(network.parameters for network in networks.values())


def test_refit_trains_one_more_network_on_all_folds(remembering, flat, data, learned):
    before = set(learned)
    ensemble = Ensemble([flat], recipe=MEMORISE, folds=3, refit=True, store=remembering.store_.root).fit(data)
    assert set(learned) - before == {"flat"}
    assert learned["flat"] == set(data.train.digests)
    assert ensemble.members_[0].plan.backbone == "flat"
    assert ensemble.held_out_.logits.shape == (1, 36, 3)


def test_a_run_with_folds_is_found_again_and_read(remembering, data, tmp_path, monkeypatch):
    monkeypatch.setattr(Member, "fit", lambda *_, **__: pytest.fail("trained again"))
    again = Ensemble(
        remembering.members, recipe=MEMORISE, folds=3, calibration="none", store=remembering.store_.root
    ).fit(data)
    assert again.keys_ == remembering.keys_
    loaded = Ensemble.load(remembering.save(tmp_path / "saved"))
    assert loaded.folds == 3
    assert str(loaded.leaderboard(data.train)) == str(remembering.leaderboard())
    np.testing.assert_array_equal(loaded.logits(data.validation), remembering.logits(data.validation))


def test_rules_are_fitted_on_what_was_held_out(remembering, data):
    logits = remembering.held_out_.of(data.train)
    expected = ensembles.make_rule("soft").fit(logits, data.train.labels).combine(logits)
    np.testing.assert_allclose(remembering.rules_["soft"].combine(logits), expected, atol=1e-6)
    np.testing.assert_array_equal(remembering.held_out_.labels, data.train.labels)


def test_mistakes_are_named(remembering, data, tmp_path):
    fitted = remembering.members_[0].renamed("known")
    with pytest.raises(ValueError, match=r"3 folds.*known"):
        Ensemble([fitted], folds=3, store=tmp_path).fit(data)
    with pytest.raises(ValueError, match=r"folds.*refit"):
        Ensemble(["simple_cnn"], refit=True, store=tmp_path).fit(data)
