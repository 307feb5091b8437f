"""zoo/html_report/sections/model_card.py: whose weights have which licence."""

from zoo.html_report.sections.model_card import HEADS, _licences, _member
from zoo.members.member import Member
from zoo.models.plan import Plan


def _named(backbone, weights="imagenet"):
    return Member(backbone, Plan(backbone=backbone, weights=weights))


def test_licences_of_official_weights_are_named():
    told = _licences([_named("vgg16"), _named("vit_tiny"), _named("simple_cnn", "auto")])
    assert "CC-BY-4.0 (VGG)" in told
    assert "Apache-2.0 (ViT)" in told
    assert "SimpleCNN" not in told


def test_terms_of_dinov3_are_told():
    assert "DINOv3 License" in _licences([_named("dinov3_small")])
    assert "DINOv3" not in _licences([_named("dinov3_small", None)])


def test_from_scratch_nobody_elses_licence_holds():
    assert "from scratch" in _licences([_named("simple_cnn", "auto"), _named("vgg16", None)])


def test_a_members_row_has_the_licence():
    row = dict(zip(HEADS, _member("key", _named("densenet121")), strict=True))
    assert row["licence"] == "BSD-3-Clause"
    assert dict(zip(HEADS, _member("key", _named("densenet121", None)), strict=True))["licence"] == ""


def test_networks_that_were_joined_keep_their_licences_and_seeds():
    joined = Member("mean", model=None)
    joined.made_of = tuple(Plan(backbone="dinov3_small", weights="imagenet", seed=seed) for seed in (0, 1))
    row = dict(zip(HEADS, _member("key", joined), strict=True))
    assert (row["backbone"], row["licence"]) == ("dinov3_small", "DINOv3 License")
    assert "0, 1" in row.values()
    assert "DINOv3 License" in _licences([joined])
    scratch = Member("mean", model=None)
    scratch.made_of = (Plan(backbone="simple_cnn", weights=None),)
    assert "from scratch" in _licences([scratch])
