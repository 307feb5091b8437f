"""zoo/cli/command_options.py: from a field to an option, and from what was typed to a configuration."""

import inspect
from dataclasses import dataclass, replace
from typing import Literal

import pytest
import typer
from typer.testing import CliRunner

from zoo.cli import fit as command
from zoo.cli.command_options import OWNERS, as_typed, choose, offering, size
from zoo.config import Config, config_from
from zoo.training.recipe import Recipe
from zoo.utils.option_fields import documented, offered, option


@pytest.fixture
def with_a_new_field(monkeypatch):
    """A recipe with one more field, as if it had been declared in its class; the command is made of it anew."""

    @documented
    @dataclass(frozen=True, kw_only=True)
    class Longer(Recipe):
        """A recipe.

        Attributes:
        {options}
        """

        teacher_forcing: Literal["never", "always"] = option(
            "never", help="a field that a developer has just added.", short="Just added."
        )

    monkeypatch.setitem(OWNERS, "recipe", Longer)
    monkeypatch.setattr("zoo.config.Recipe", Longer)
    return Longer


def test_a_new_field_is_documented_and_in_the_help_and_in_toml_without_another_edit(with_a_new_field, monkeypatch):
    @dataclass(kw_only=True)
    class Longest(Config):
        recipe: with_a_new_field = option(factory=with_a_new_field, help="how to train.")

    monkeypatch.setitem(OWNERS, "", Longest)
    monkeypatch.setattr("zoo.config.Config", Longest)
    monkeypatch.setattr("zoo.cli.command_options.Config", Longest)
    assert "teacher_forcing: a field that a developer has just added." in with_a_new_field.__doc__

    assert config_from({"recipe": {"teacher_forcing": "always"}}).recipe.teacher_forcing == "always"
    with pytest.raises(ValueError, match=r"teacher_forcing in \[recipe\].*never, always.*'sometimes'"):
        config_from({"recipe": {"teacher_forcing": "sometimes"}})

    app = typer.Typer()
    seen = []

    @app.command()
    @offering(Longest, with_a_new_field)
    def fit(data: str = "demo", **options):
        seen.append(choose(None, **options))

    told = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert "--teacher-forcing" in told
    assert "Just added." in told
    assert "never, always" in told
    assert CliRunner().invoke(app, ["--teacher-forcing", "always"]).exit_code == 0
    assert seen[0].recipe.teacher_forcing == "always"


def test_fit_offers_every_field_that_has_a_short_help():
    known = set(inspect.signature(command.fit).parameters)
    assert {name for kind in OWNERS.values() for name in offered(kind)} < known


def test_what_is_not_typed_is_the_files(tmp_path):
    (tmp_path / "file.toml").write_text('seed = 3\n[recipe]\nepochs = 2\n[data]\ndecisions = "findings.csv"')
    chosen = choose(tmp_path / "file.toml", seed=None, members=[], epochs=7, decisions="none")
    assert chosen == replace(Config(seed=3), recipe=Recipe(epochs=7))


def test_none_is_a_word_where_the_field_knows_it():
    chosen = choose(None, views="none", calibration="none", weights="none", augment=["none"])
    assert (chosen.views, chosen.calibration, chosen.weights) == ("none", "none", None)
    assert chosen.recipe.augment == "none"


def test_what_was_meant_for_the_files_mix_goes_with_it(tmp_path):
    (tmp_path / "file.toml").write_text('[recipe]\nmix = "mixup"\nmix_alpha = 0.7')
    assert choose(tmp_path / "file.toml", mix="cutmix").recipe == Recipe(mix="cutmix")
    assert choose(tmp_path / "file.toml", epochs=3).recipe == Recipe(mix="mixup", mix_alpha=0.7, epochs=3)


@pytest.mark.parametrize(
    ("typed", "keywords"),
    [
        ({"jobs": 0}, "--jobs.*1 or more; received 0"),
        ({"mix": "cutmixx"}, "--mix.*'cutmixx'.*'cutmix'"),
        ({"limit": 0}, "--limit"),
        ({"uncertainty": "distnce"}, "uncertainty.*'distnce'.*'distance'"),
        ({"head_epochs": 0, "epochs": 0}, "epochs"),
    ],
)
def test_mistakes_name_the_option(typed, keywords):
    with pytest.raises(ValueError, match=keywords):
        choose(None, **typed)


def test_pixels_are_typed_as_they_are_written():
    assert [size(text, "--resize") for text in ("96", "96x128", "none")] == [96, (96, 128), "none"]
    assert [size(as_typed(side), "") for side in (96, (96, 128))] == [96, (96, 128)]
    assert choose(None, resize="32x48", image_size="64").data.image_size == 64
    for wrong in ("9xx", "", "-3", "1x2x3"):
        with pytest.raises(ValueError, match=r"--resize.*HEIGHTxWIDTH"):
            size(wrong, "--resize")
