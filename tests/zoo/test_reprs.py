"""What a value shows in a terminal and in a notebook: short, and never an array."""

import pytest

SHOWN = {
    "ensemble's state": lambda trained, colours: trained.state_,
    "held-out predictions": lambda trained, colours: trained.state_.held_out,
    "provenance": lambda trained, colours: trained.state_.provenance,
    "images": lambda trained, colours: colours.train,
    "splits": lambda trained, colours: colours,
    "member": lambda trained, colours: trained.members_[0],
    "answers": lambda trained, colours: trained.answer(colours.validation),
    "sanity": lambda trained, colours: trained.check_maps(colours.validation.pixels[:4])["simple_cnn"],
}


@pytest.mark.parametrize("name", SHOWN)
def test_it_is_short(trained, colours, name):
    shown = repr(SHOWN[name](trained, colours))
    assert len(shown) < 300
    assert "array(" not in shown


def test_images_say_how_many_how_large_and_of_how_many_classes(colours):
    assert repr(colours.train) == "<Images: 72 of 16x16 in 3 classes>"
    assert repr(colours).startswith("<Splits: train <Images: 72")


def test_a_notebook_shows_tables(trained, colours):
    tables = trained, trained.leaderboard_, trained.per_class(colours), trained.diversity(), trained.confusions(colours)
    for table in (*tables, trained.answer(colours.validation)):
        html = table._repr_html_()
        assert "<table>" in html or "No image" in html
        assert "<script" not in html


def test_names_are_escaped_in_a_notebook():
    from zoo.report.leaderboard import Leaderboard

    html = Leaderboard([{"name": "<b>bold</b>", "kind": "member", "status": "fitted"}], "x < y")._repr_html_()
    assert "<b>" not in html
    assert "x &lt; y" in html
