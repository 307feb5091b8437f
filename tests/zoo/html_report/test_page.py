"""zoo/html_report/page.py: the page of a small run, read as a browser without scripts or network would."""

import json
import re
from html.parser import HTMLParser

import pytest

from zoo.state.run_record import RunRecord

VOID = {"meta", "img", "input", "br", "link"}


class Page(HTMLParser):
    """Checks that elements are nested rightly, and gathers ids, links and sources."""

    def __init__(self, html):
        super().__init__()
        self.open, self.ids, self.links, self.sources = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found[name] for name in ("href", "xlink:href") if name in found]
        self.sources += [found["src"]] if "src" in found else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def case(trained, colours):
    run = RunRecord(
        command="zoo fit --data colours/ --out run",
        source="/data/<colours>",
        started="2026-01-01T10:00:00+00:00",
        seconds=90,
        versions={"keras": "3"},
        machine={"cores": 2},
        counts={"train": {"red": 24, "green": 24, "blue": 24}, "validation": {"red": 8, "green": 8, "blue": 8}},
        image_size=(16, 16),
        files="97 files read, 1 left out",
        left_out={"HEIC": 1},
    )
    return trained.report(colours, run=run, title="Report of <colours>", shift=True, shift_limit=6)


def test_all_sections_are_there_in_their_order(case):
    assert [section.id for section in case.sections] == [
        "verdict",
        "data",
        "leaderboard",
        "classes",
        "errors",
        "heat_maps",
        "curves",
        "calibration",
        "shift",
        "members",
        "segments",
        "feature_map",
        "model_card",
    ]


def test_the_page_is_well_formed_and_refers_to_nothing_outside(case):
    page = Page(case.html)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    inside = [link for link in page.links if not link.startswith("data:image/png;base64,")]
    assert {link.removeprefix("#") for link in inside} <= set(page.ids)
    assert all(source.startswith("data:image/jpeg;base64,") for source in page.sources)
    assert not re.search(r'(src|href)="?https?:|@import|url\((?!#)', case.html)


def test_texts_of_the_user_are_escaped(case):
    assert "Report of &lt;colours&gt;" in case.html
    assert "<colours>" not in case.html


def test_the_row_that_answers_and_what_was_left_out_are_told(case):
    assert 'class="marked"' in case.html
    assert "97 files read, 1 left out" in case.html
    assert "zoo fit --data colours/" in case.html


def test_thresholds_that_were_chosen_on_the_same_images_are_said_to_be(case):
    assert "chosen on these same images" in case.html


def test_cells_of_the_matrix_open_their_images(case):
    page = Page(case.html)
    cells = [link for link in page.links if link.startswith("#cell-")]
    assert cells
    assert len(cells) == len(set(cells))


def test_the_json_has_every_number_and_no_nan(case, tmp_path):
    path = case.write(tmp_path / "deep" / "report.html")
    numbers = json.loads(path.with_suffix(".json").read_text(), parse_constant=pytest.fail)
    assert numbers["data"]["counts"]["train"] == {"red": 24, "green": 24, "blue": 24}
    assert sum(map(sum, numbers["classes"]["confusion"])) == 24
    assert {"sentences", "rows", "checks", "ece"} <= {
        name for own in numbers.values() if isinstance(own, dict) for name in own
    }
    assert path.read_text(encoding="utf-8") == case.html
    assert numbers["made_from"] == case.made_from


def test_a_path_that_is_no_page_is_refused(case, refused, tmp_path):
    with refused("html", "report.pdf"):
        case.write(tmp_path / "report.pdf")


def test_an_earlier_report_is_replaced_and_another_page_is_not(case, refused, tmp_path):
    path = case.write(tmp_path / "report.html")
    path.with_suffix(".json").unlink()
    case.write(path)
    (tmp_path / "index.html").write_text("<html>")
    with refused("earlier report", "index.html", error=FileExistsError):
        case.write(tmp_path / "index.html")
    assert not (tmp_path / "index.json").exists()


def test_a_notebook_shows_it_in_a_frame_and_its_repr_is_short(case):
    assert case._repr_html_().startswith("<iframe srcdoc=")
    assert len(repr(case)) < 300


@pytest.mark.slow
def test_without_a_run_and_without_shift_less_is_told(trained, colours):
    with pytest.raises(ValueError, match=r"shift=True.*shift_limit=6"):
        trained.report(colours, shift_limit=6)
    report = trained.report(colours)
    assert "shift" not in {section.id for section in report.sections}
    assert "zoo fit" not in report.html


@pytest.mark.slow
def test_of_other_images_no_threshold_is_said_to_be_chosen_on_them(trained, colours):
    assert "chosen on these same images" not in trained.report(colours.train).html


def test_of_a_rule_that_cannot_be_scored_a_page_tells_the_rest_and_why(trained, colours, monkeypatch):
    def none_fair(state, images):
        return {}, {state.method: "fitted, not scored: of red one image is held out"}

    monkeypatch.setattr("zoo.evaluation.scoring.fair_rules", none_fair)
    page = trained.report(colours)
    ids = [section.id for section in page.sections]
    assert ids == ["verdict", "data", "leaderboard", "curves", "members", "model_card"]
    assert "of red one image is held out" in page.numbers["verdict"]["sentences"][1]
    Page(page.html)
