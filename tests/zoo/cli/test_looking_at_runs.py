"""``zoo report``, ``explain``, ``info``, ``compare``, ``prune`` and ``evaluate --out`` on a run of ``zoo fit``."""

import csv
import json
import re
import shlex
import shutil
from dataclasses import replace

import numpy as np
import pytest
import typer
from PIL import Image

from zoo import Ensemble
from zoo.cli.info import _choices
from zoo.report.corruption_table import ShiftTable
from zoo.report.leaderboard import Leaderboard
from zoo.state.made_from import made_from

pytestmark = pytest.mark.fits


@pytest.fixture
def copied(fitted_run, tmp_path):
    """A copy of the run, to be changed."""
    return shutil.copytree(fitted_run, tmp_path / "copy")


def test_a_report_of_a_run_needs_no_data(zoo, fitted_run, tmp_path):
    done = zoo("report", fitted_run, "--out", tmp_path / "page.html", "--title", "Colours & more")
    assert done.code == 0
    assert "On 20 images" in done.out
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Colours &amp; more" in page
    assert "zoo fit --data" in page
    assert "20 of 96 are held out" in page
    numbers = json.loads((tmp_path / "page.json").read_text())
    assert sum(numbers["data"]["counts"]["train"].values()) == 76


def test_a_report_of_the_runs_own_images_takes_no_options_for_others(zoo, fitted_run, tmp_path):
    refused = zoo("report", fitted_run, "--images", "files/", "--skip-unreadable", "--out", tmp_path / "page.html")
    assert refused.code == 2
    assert "--data with --skip-unreadable, --images" in refused.err


def test_a_report_of_other_images_may_leave_copies_out(zoo, fitted_run, coloured_files, tmp_path):
    data = shutil.copytree(coloured_files, tmp_path / "data")
    shutil.copy(next((data / "red").iterdir()), data / "blue" / "wrong.png")
    options = ["--data", data, "--drop-duplicates", "--out", tmp_path / "page.html", "--method", "gradcam"]
    assert "On 95 images" in zoo("report", fitted_run, *options).out


def test_a_report_of_changed_images_asks_for_data(zoo, copied, coloured_files, tmp_path):
    record = json.loads((copied / "run.json").read_text())
    fewer = shutil.copytree(coloured_files, tmp_path / "fewer")
    shutil.rmtree(fewer / "red")
    (copied / "run.json").write_text(json.dumps(record | {"source": str(fewer)}))
    done = zoo("report", copied)
    assert done.code == 2
    assert "--data" in done.err


@pytest.mark.slow
def test_a_report_of_a_run_without_a_record_asks_for_data(zoo, copied, coloured_files):
    (copied / "run.json").unlink()
    assert "--data" in zoo("report", copied).err
    assert zoo("report", copied, "--data", coloured_files).code == 0
    assert (copied / "report.html").is_file()


def test_maps_are_written_with_the_answers_and_checked(zoo, fitted_run, coloured_files, tmp_path):
    done = zoo("explain", fitted_run, coloured_files / "red", "--out", tmp_path / "maps")
    assert done.code == 0
    assert "simple_cnn: rank correlation" in done.out
    with (tmp_path / "maps" / "answers.csv").open() as file:
        rows = list(csv.DictReader(file))
    maps = np.load(tmp_path / "maps" / "maps.npy")
    assert maps.shape == (len(rows), 16, 16)
    assert {row["explained"] == row["class"] for row in rows} == {True}
    with Image.open(tmp_path / "maps" / rows[0]["overlay"]) as shown:
        assert shown.size == (2 * 224, 224)  # the image and its map, each pixel as 14 by 14


@pytest.mark.slow
def test_another_class_and_a_wrong_one(zoo, fitted_run, coloured_files, tmp_path):
    image = next((coloured_files / "red").iterdir())
    done = zoo("explain", fitted_run, image, "--out", tmp_path / "maps", "--class", "green", "--no-check")
    assert done.code == 0
    assert ",green" in (tmp_path / "maps" / "answers.csv").read_text()
    done = zoo("explain", fitted_run, image, "--out", tmp_path / "other", "--class", "gren")
    assert done.code == 2
    assert "'gren'" in done.err
    assert not (tmp_path / "other").exists()


def test_info_says_what_where_when_and_how_large(zoo, fitted_run, coloured_files):
    out = zoo("info", fitted_run).out
    for word in (
        str(coloured_files),
        "zoo fit --data",
        "76 train",
        "simple_cnn",
        "3: blue, green, red",
        "members",
        "other files",
        "total",
        "config.json --out ANOTHER",
    ):
        assert word in out


def test_what_was_made_of_an_earlier_fit_is_told_by_the_fit_and_by_info(zoo, copied, coloured_files, monkeypatch):
    monkeypatch.setattr("ensembles.RULES", ("soft",))
    for name in ("export", "submission"):
        (copied / name).mkdir()
        record = {"method": "soft", "made_from": made_from(Ensemble.load(copied).state_, "soft")}
        (copied / name / "manifest.json").write_text(json.dumps(record))
        (copied / name / "saved_model.pb").write_bytes(b"graph")
    (copied / "shift.csv").write_text("of the first fit")
    assert "earlier fit" not in zoo("info", copied).out
    options = shlex.split(json.loads((copied / "run.json").read_text())["command"])[4:]
    again = ("fit", "--data", coloured_files, "--out", copied, *options[options.index("--member") :])
    assert "earlier fit" not in zoo(*again).out
    told = zoo(*again, "--member", "simple_cnn x2").out
    assert re.search(r"earlier fit.*export, submission, shift\.csv", told, re.DOTALL)
    assert "export of an earlier fit" in " ".join(zoo("info", copied).out.split())


def test_what_differs_between_two_runs_is_listed(zoo, fitted_run, copied):
    config = json.loads((copied / "config.json").read_text())
    config["recipe"]["epochs"] = 7
    (copied / "config.json").write_text(json.dumps(config))
    out = zoo("compare", fitted_run, copied).out
    assert "recipe.epochs" in out
    assert "20 images that both held out" in out
    assert "the answers are identical" in out
    assert "no difference" not in out
    assert "choices: the same" in zoo("compare", fitted_run, fitted_run).out


def test_runs_are_compared_on_other_images(zoo, fitted_run, coloured_files, tmp_path):
    done = zoo("compare", fitted_run, fitted_run, "--data", coloured_files, "--csv", tmp_path / "table.csv")
    assert done.code == 0, done.err
    assert "20 images (" in done.out
    assert "76 others left out" in done.out
    assert len((tmp_path / "table.csv").read_text().splitlines()) == 4


def test_the_nearest_training_images_are_listed(zoo, fitted_run, coloured_files, tmp_path):
    for number, path in enumerate(sorted(coloured_files.rglob("*.png"))):
        copy = tmp_path / "data" / ("test" if number % 4 == 0 else "train") / path.parent.name / path.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    files = ("--csv", tmp_path / "table.csv", "--nearest", tmp_path / "nearest.csv")
    done = zoo("neighbours", fitted_run, "--data", tmp_path / "data", "--k", 3, *files)
    assert "24 images (test)" in done.out
    with (tmp_path / "nearest.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24 * 3
    assert all("test" in row["path"] and "train" in row["nearest"] for row in rows)


def test_without_splits_the_runs_training_images_are_the_neighbours(zoo, fitted_run, coloured_files, tmp_path):
    assert "neighbours" in zoo("neighbours", fitted_run, "--k", 3).out
    files = ("--nearest", tmp_path / "nearest.csv")
    assert "96 images" in zoo("neighbours", fitted_run, "--data", coloured_files, "--k", 3, *files).out
    with (tmp_path / "nearest.csv").open() as file:
        assert not [row for row in csv.DictReader(file) if row["path"] == row["nearest"]]  # though they are there


def unanswered(question):
    raise typer.Abort


def test_pruning_asks_first(zoo, copied, monkeypatch):
    (copied / "shared").mkdir(exist_ok=True)
    (copied / "shared" / "features.npy").write_bytes(b"x" * 5000)
    monkeypatch.setattr("typer.confirm", lambda *args, **named: False)
    zoo("prune", copied)
    assert (copied / "shared").is_dir()
    monkeypatch.setattr("typer.confirm", unanswered)
    assert "--yes" in zoo("prune", copied).err
    assert (copied / "shared").is_dir()
    done = zoo("prune", copied, "--yes")
    assert "removed: " in done.out
    assert not (copied / "shared").exists()
    assert zoo("info", copied).code == 0
    assert "B)" in zoo("prune", copied).out  # how large it is, where nothing can go


@pytest.mark.slow
def test_a_run_is_made_again_from_its_configuration(zoo, fitted_run, tmp_path):
    done = zoo("fit", fitted_run / "config.json", "--out", tmp_path / "again", "--dry-run")
    assert done.code == 0
    assert "simple_cnn" in done.out
    done = zoo("fit", "--member", "simple_cnn", "--out", tmp_path / "none")
    assert done.code == 2
    assert "--data" in done.err


def test_every_table_and_every_answer_is_written(zoo, fitted_run, coloured_files, tmp_path):
    done = zoo("evaluate", fitted_run, "--data", coloured_files, "--out", tmp_path / "tables")
    assert "Recall of each class" in done.out
    names = {path.name for path in (tmp_path / "tables").iterdir()}
    assert names == {"leaderboard.csv", "classes.csv", "confusions.csv", "answers.csv"}
    with (tmp_path / "tables" / "answers.csv").open() as file:
        answers = list(csv.DictReader(file))
    assert len(answers) == 96
    order = [(row["right"], -float(row[f"probability_{row['class']}"])) for row in answers]
    assert order == sorted(order), "the surest errors come first"


def test_tables_are_not_written_over_those_of_a_run(zoo, copied):
    before = (copied / "leaderboard.csv").read_bytes()
    refused = zoo("evaluate", copied, "--out", copied)
    assert refused.code == 2
    assert "--out" in refused.err
    assert (copied / "leaderboard.csv").read_bytes() == before


OF_TABLES = ("compare {run} {run} --csv", "diversity {run} --csv", "neighbours {run} --nearest", "evaluate {run} --csv")


@pytest.mark.parametrize("words", OF_TABLES)
def test_a_table_of_the_user_is_replaced_by_no_command(zoo, fitted_run, tmp_path, words):
    (tmp_path / "train.csv").write_text("path,label\n")
    done = zoo(*(word.format(run=fitted_run) for word in words.split()), tmp_path / "train.csv")
    assert (done.code, done.out) == (2, "")
    assert "train.csv is another file" in done.err
    assert (tmp_path / "train.csv").read_text() == "path,label\n"


@pytest.mark.parametrize("name", ["answers.csv", "classes.csv"])
def test_tables_of_the_user_stay_in_their_folder(zoo, fitted_run, tmp_path, name):
    (tmp_path / name).write_text("path,label\n")
    assert name in zoo("evaluate", fitted_run, "--out", tmp_path).err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_run_and_reports_may_lie_among_the_images(zoo, copied, coloured_files, tmp_path):
    data = shutil.copytree(coloured_files, tmp_path / "data")
    run = shutil.move(copied, data / "run")
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(record | {"source": str(data)}))
    assert zoo("evaluate", run, "--out", data / "tables").code == 0
    assert "pictures" in zoo("evaluate", run, "--out", data / "red").err
    assert zoo("explain", run, data / "red", "--out", data / "red" / "maps").code == 0
    assert "96 images" in zoo("evaluate", run, "--data", data).out


def test_sets_that_were_chosen_on_these_images_are_told_so(zoo, fitted_run, coloured_files):
    own = zoo("evaluate", fitted_run, "--coverage", "0.9", "--no-per-class")
    assert "chosen on these images" in own.out
    assert "threshold" not in own.out + own.err
    others = zoo("evaluate", fitted_run, "--data", coloured_files, "--coverage", "0.9", "--no-per-class")
    assert "chosen on these images" not in others.out


def test_a_rule_without_a_score_is_told_after_the_scores_of_the_others(zoo, fitted_run, tmp_path, monkeypatch):
    def none_fair(state, images):
        return {}, {"soft": "fitted, not scored: of red one image is held out"}

    monkeypatch.setattr("zoo.evaluation.scoring.fair_rules", none_fair)
    done = zoo("evaluate", fitted_run, "--out", tmp_path / "tables", "--abstain", "0.1", "--coverage", "0.9")
    assert done.code == 0
    assert "simple_cnn" in done.out
    assert re.search("no answers to tell by class.*: soft, fitted, not scored", " ".join(done.out.split()))
    assert not (tmp_path / "tables" / "answers.csv").exists()


def test_info_tells_the_status_of_a_rule_without_a_score(fitted_run):
    state = Ensemble.load(fitted_run).state_
    rows = [{"name": "soft", "kind": "rule", "status": "fitted, not scored: of red one image is held out"}]
    unscored = replace(state, leaderboard=Leaderboard(rows, "20 images").marked("soft"))
    assert dict(_choices(fitted_run, unscored))["balanced"].startswith("fitted, not scored")


def test_answers_for_labelled_images_have_the_columns_of_predict(zoo, fitted_run, coloured_files, tmp_path):
    zoo("evaluate", fitted_run, "--data", coloured_files, "--out", tmp_path / "tables")
    zoo("predict", fitted_run, coloured_files, "--uncertainty", "--out", tmp_path / "answers.csv")
    heads = [(tmp_path / name).read_text().splitlines()[0].split(",") for name in ("tables/answers.csv", "answers.csv")]
    assert [name for name in heads[0] if name not in ("label", "right")] == heads[1]


def test_without_data_the_held_out_images_are_scored(zoo, fitted_run):
    done = zoo("evaluate", fitted_run)
    assert done.code == 0
    assert "20 held-out validation images" in done.out
    assert "trained the members" not in done.out
    refused = zoo("evaluate", fitted_run, "--drop-duplicates", "--images", "files/")
    assert refused.code == 2
    assert "--data with --drop-duplicates, --images" in refused.err


def test_images_of_the_fit_are_told_and_copies_can_be_left_out(zoo, fitted_run, coloured_files, tmp_path):
    data = shutil.copytree(coloured_files, tmp_path / "data")
    shutil.copy(next((data / "red").iterdir()), data / "blue" / "wrong.png")
    kept = zoo("evaluate", fitted_run, "--data", data)
    assert "without --data" in " ".join(kept.out.split())
    assert "2 copies under conflicting labels" in kept.out
    dropped = zoo("evaluate", fitted_run, "--data", data, "--drop-duplicates")
    assert "95 images (data)" in dropped.out


def test_the_version_and_all_columns(zoo, fitted_run, coloured_files):
    from zoo import __version__

    assert zoo("--version").out == f"ensemble-zoo {__version__}\n"
    wide = zoo("evaluate", fitted_run, "--data", coloured_files, "--wide").out
    assert "f1" in wide
    assert "no room" not in wide


def test_a_run_that_is_stopped_after_its_first_ensemble_says_what_it_is(zoo, coloured_files, tmp_path, monkeypatch):
    def stopped(*arguments):
        raise KeyboardInterrupt

    short = ["--head-epochs", 1, "--epochs", 0, "--augment", "none", "--method", "soft"]
    run = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr("ensembles.RULES", ("soft",))
        patch.setattr("zoo.cli.fit.show", stopped)
        assert zoo("fit", "--data", coloured_files, "--out", run, "--member", "simple_cnn", *short).code == 130
    said = zoo("info", run).out
    assert f"fit --data {coloured_files}" in said
    assert "20 held-out validation images" in zoo("evaluate", run).out


def test_tables_of_other_images_go_and_maps_stay(zoo, fitted_run, coloured_files, tmp_path):
    (tmp_path / "tables").mkdir()
    ShiftTable([], "other images").to_csv(tmp_path / "tables" / "shift.csv")
    (tmp_path / "tables" / "mine.csv").write_text("path,label")
    assert zoo("evaluate", fitted_run, "--out", tmp_path / "tables").code == 0
    assert (tmp_path / "tables" / "shift.csv").exists()  # of the user's own, where there was no earlier call
    assert zoo("evaluate", fitted_run, "--out", tmp_path / "tables").code == 0
    assert not (tmp_path / "tables" / "shift.csv").exists()
    assert (tmp_path / "tables" / "mine.csv").exists()
    (tmp_path / "tables" / "shift.csv").write_text("path,label")  # what is not this command's is left
    assert zoo("evaluate", fitted_run, "--out", tmp_path / "tables").code == 0
    assert (tmp_path / "tables" / "shift.csv").read_text() == "path,label"
    (tmp_path / "tables" / "maps.npy").write_bytes(b"")
    assert "zoo explain" in zoo("evaluate", fitted_run, "--out", tmp_path / "tables").err


def test_a_report_writes_over_no_other_json(zoo, copied):
    before = (copied / "ensemble.json").read_bytes()
    done = zoo("report", copied, "--out", copied / "ensemble.html")
    assert done.code != 0
    assert "ensemble.json" in done.err
    assert (copied / "ensemble.json").read_bytes() == before


def test_options_for_images_are_refused_where_none_are_given(zoo, fitted_run):
    assert "--group-from" in zoo("neighbours", fitted_run, "--group-from", "x(1)").err


def test_a_student_is_scored_on_its_own_images(zoo, fitted_run, coloured_files, tmp_path):
    made = ("--data", coloured_files, "--student", "simple_cnn", "--views", 2, "--out", tmp_path / "student")
    assert zoo("distill", fitted_run, *made).code == 0
    assert "held-out" in zoo("evaluate", tmp_path / "student").out
    assert "train again" not in zoo("info", tmp_path / "student").out
