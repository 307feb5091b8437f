import json
import sys
from pathlib import Path

import pytest

from zoo.cli.demo import DEMO
from zoo.config import Config, config_from, read_config
from zoo.models import registry
from zoo.models.head import Head
from zoo.training.recipe import Recipe

CONFIGS = sorted((Path(__file__).resolve().parents[2] / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_file_describes_members_that_can_be_built(path):
    config = read_config(path)
    assert config.plans() or config.preset


def test_the_balanced_file_says_what_no_file_means():
    (balanced,) = (path for path in CONFIGS if path.stem == "balanced")
    assert read_config(balanced) == Config(preset="balanced")


def test_the_reports_choices_are_kept():
    (report,) = (path for path in CONFIGS if path.stem == "nopainnotrain")
    config = read_config(report)
    assert [plan.backbone for plan in config.plans()] == ["convnext_small", "efficientnet_v2_s", "efficientnet_v2_b3"]
    assert all(plan.high_pass for plan in config.plans())
    recipe = config.recipe
    assert (recipe.optimizer, recipe.unfreeze, recipe.imbalance) == ("lion", 0.1, "class_weights")
    rates = (recipe.head_learning_rate, recipe.head_final_learning_rate)
    assert (*rates, recipe.learning_rate, recipe.final_learning_rate) == (5e-4, 1e-5, 1e-4, 5e-6)
    assert (recipe.augment, recipe.precision) == ("standard", "mixed_float16")
    assert config.head == Head(pooling="max", units=64, batch_norm=True, dropout=0.3)
    assert (config.data.validation, config.data.test) == (0.08, 0.2)


def test_the_first_reports_choices_are_kept():
    (report,) = (path for path in CONFIGS if path.stem == "hyperbee")
    config = read_config(report)
    recipe = config.recipe
    assert config.members == ("convnext_large",)
    assert (recipe.head_epochs, recipe.epochs, recipe.unfreeze) == (10, 3, 30)
    assert (recipe.optimizer, recipe.augment, recipe.share) == ("adamw", ("rand", "flips"), 0.8)
    assert (recipe.mix, recipe.imbalance) == ("both", "offline")


def test_layers_of_the_training_graph_are_tables():
    text = {"recipe": {"graph_layers": [{"layer": "RandomHue", "factor": 0.1}]}}
    assert config_from(text).recipe == Recipe(graph_layers=({"layer": "RandomHue", "factor": 0.1},))


def test_a_members_own_choices_come_before_the_common_ones():
    config = config_from(
        {
            "members": [
                "simple_cnn",
                {"backbone": "simple_cnn", "name": "flat", "resize": 32, "head": {"units": [8, 4]}},
            ],
            "resize": 64,
            "head": {"pooling": "max"},
            "recipe": {"epochs": 1},
        }
    )
    first, second = config.plans()
    assert (first.resize, second.resize) == ((64, 64), (32, 32))
    assert (first.head.pooling, second.head.units) == ("max", (8, 4))
    assert (first.seed, second.seed) == (0, 1)
    assert config.recipe == Recipe(epochs=1)


@pytest.mark.parametrize(
    ("content", "keywords"),
    [
        ({"membres": []}, "'membres'.*'members'"),
        ({"recipe": {"epoch": 3}}, r"\[recipe\].*'epoch'.*'epochs'"),
        ({"recipe": 3}, "recipe .*a table.*Recipe; received 3"),
        ({"recipe": {"learning_rate": "fast"}}, r"learning_rate in \[recipe\] .*number; received 'fast'"),
        ({"recipe": {"train_batch_norm": "false"}}, r"train_batch_norm in \[recipe\] .*true or false.*'false'"),
        ({"recipe": {"epochs": True}}, "epochs .*a whole number; received True"),
        ({"recipe": {"epochs": 2.0}}, r"epochs .*a whole number; received 2\.0"),
        ({"recipe": {"optimizer": "none"}}, "optimizer .*adamw, adam, lion, sgd; received 'none'"),
        ({"head": {"units": [8, "4"]}}, r"units in \[head\] .*whole number or a list"),
        ({"members": "mobilenet_v2"}, r"members .*received 'mobilenet_v2'.*\[\"mobilenet_v2\"\]"),
        ({"members": [3]}, r"members .*received \(3,\)"),
        ({"high_pass": "no"}, "high_pass .*true or false; received 'no'"),
        ({"seed": "1"}, "seed .*received '1'"),
        ({"jobs": 0}, "jobs .*1 or more; received 0"),
        ({"data": {"limit": 0}}, "limit .*1 or more"),
        ({"method": "softer"}, "'soft'"),
        ({"uncertainty": "distance", "folds": 3}, "uncertainty .*folds=3"),
        ({"head": {"dropout": 2}}, "dropout"),
    ],
)
def test_mistakes_are_named(content, keywords):
    with pytest.raises(ValueError, match=keywords):
        config_from(content)


def test_a_members_head_is_named_with_its_table():
    member = {"backbone": "simple_cnn", "head": {"unit": 3}}
    with pytest.raises(ValueError, match=r"\[members\.head\].*'unit'.*'units'"):
        config_from({"members": [member]}).plans()


def test_a_run_is_read_from_its_plain_values_again(tmp_path):
    config = config_from({"members": ["vgg16"], "weights_dir": str(tmp_path), "data": {"limit": 9}})
    assert config_from(json.loads(json.dumps(config.as_dict()))) == config
    json.dumps(Config(weights_dir=tmp_path).as_dict())


def test_the_word_none_is_nothing_where_nothing_is_a_choice():
    words = {"weights": "none", "resize": "none", "recipe": {"patience": "none", "augment": "none"}}
    config = config_from(words | {"data": {"limit": "none"}})
    assert (config.weights, config.resize, config.recipe.patience, config.data.limit) == (None,) * 4
    assert config.recipe.augment == "none"
    member = {"backbone": "vgg16", "weights": "none"}
    assert [plan.weights for plan in config_from({"members": [member]}).plans()] == [None]


def test_a_whole_number_is_a_number():
    assert config_from({"recipe": {"learning_rate": 1, "unfreeze": 3}}).recipe == Recipe(learning_rate=1, unfreeze=3)


def test_python_refuses_one_name_for_members_too():
    with pytest.raises(ValueError, match=r"members .*received 'vgg16'"):
        Config(members="vgg16")


def test_imports_make_a_users_backbones_known(tmp_path, monkeypatch):
    lines = ["import zoo", '@zoo.register(pixels="inside")', "def configured_net(input_shape, weights=None): ..."]
    (tmp_path / "configured_nets.py").write_text("\n".join(lines))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(registry, "_SPECS", dict(registry._SPECS))
    config = config_from({"imports": ["configured_nets"], "members": ["configured_net"]})
    assert [plan.backbone for plan in config.plans()] == ["configured_net"]
    with pytest.raises(ValueError, match="'absent_nets' failed: ModuleNotFoundError"):
        config_from({"imports": ["absent_nets"]}).plans()


def test_a_member_that_is_unknown_is_refused_before_anything_runs():
    with pytest.raises(ValueError, match="Did you mean 'mobilenet_v2'"):
        config_from({"members": ["mobilenetv2"]}).plans()
    with pytest.raises(ValueError, match="to name its backbone"):
        config_from({"members": [{"name": "x"}]}).plans()


def test_files_that_are_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is nothing at"):
        read_config(tmp_path / "absent.toml")
    (tmp_path / "broken.toml").write_text("members = [")
    with pytest.raises(ValueError, match="Expected TOML"):
        read_config(tmp_path / "broken.toml")


def test_the_demo_needs_no_pretrained_weights():
    assert {plan.backbone for plan in DEMO.plans()} <= {"simple_cnn", "simple_cnn_regularized"}


def test_a_trained_model_is_named_by_its_path_or_in_a_table(tmp_path):
    (tmp_path / "mine.keras").touch()
    path = str(tmp_path / "mine.keras")
    table = {"model": path, "classes": ["1", "10", "2"], "pixels": "tf", "name": "theirs"}
    config = config_from({"members": [path, table, "vgg16"]})
    first, second, third = config.plans()
    assert (first.name, first.classes, third.backbone) == ("mine", (), "vgg16")
    assert (second.name, second.classes, second.pixels) == ("theirs", ("1", "10", "2"), "tf")
    assert config_from(json.loads(json.dumps(config.as_dict()))) == config
    for key, value in (
        ("name", "logits"),
        ("name", "soft"),
        ("name", "a b"),
        ("pixels", "byte"),
        ("classes", ["1", "1"]),
    ):
        with pytest.raises(ValueError, match=rf"{key}.*members"):
            config_from({"members": [table | {key: value}]}).plans()
    with pytest.raises(FileNotFoundError, match=r"absent\.keras"):
        config_from({"members": ["absent.keras"]}).plans()
    with pytest.raises(ValueError, match=r"'class'.*'classes'"):
        config_from({"members": [{"model": path, "class": ["a"]}]}).plans()


def test_a_probe_has_the_seed_of_the_first_member_of_its_backbone_as_in_python():
    members = ["mobilenet_v2", "probe:mobilenet_v2", "mobilenet_v2", "probe:mobilenet_v2"]
    assert [plan.seed for plan in config_from({"members": members}).plans()] == [0, 0, 1, 1]


def test_one_network_under_two_spellings_gets_a_seed_each():
    members = ["simple_cnn", {"backbone": "simple_cnn", "adapt": "tune"}, "probe:simple_cnn"]
    assert [plan.seed for plan in config_from({"members": members}).plans()] == [0, 1, 0]
    alike = {"members": ["mobilenet_v2", "lora:mobilenet_v2"], "recipe": {"adapt": "lora"}}
    assert [plan.seed for plan in config_from(alike).plans()] == [0, 1]


def test_paths_of_weights_are_kept_whole(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.h5").touch()
    members = [{"backbone": "mobilenet_v2", "weights_dir": "own"}, {"backbone": "mobilenet_v2", "weights": "my.h5"}]
    kept = config_from({"members": members, "weights": "my.h5"}).anchored()
    assert [member.get("weights_dir", member.get("weights")) for member in kept.members] == [
        f"{tmp_path}/own",
        f"{tmp_path}/my.h5",
    ]
    assert kept.weights == f"{tmp_path}/my.h5"
    assert config_from({"weights": "imagenet"}).anchored().weights == "imagenet"


def test_paths_are_kept_so_that_a_run_can_be_made_again_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    members = ["simple_cnn", "mine.keras", {"model": "other.keras", "pixels": "unit"}]
    plain = {"members": members, "weights_dir": "weights", "data": {"images_dir": "pictures", "decisions": "found.csv"}}
    kept = config_from(plain).anchored()
    assert kept.members == (
        "simple_cnn",
        f"{tmp_path}/mine.keras",
        {"model": f"{tmp_path}/other.keras", "pixels": "unit"},
    )
    assert (kept.weights_dir, kept.data.images_dir) == (f"{tmp_path}/weights", f"{tmp_path}/pictures")
    assert kept.data.decisions == f"{tmp_path}/found.csv"
    assert config_from(json.loads(json.dumps(kept.as_dict()))) == kept
