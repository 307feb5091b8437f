"""zoo/html_report/verdict.py: three sentences on five runs whose truth is known."""

from dataclasses import replace

import pytest

from zoo.html_report.verdict import Evidence, verdict


def rows(*recalls, images=200):
    return [
        {"name": name, "recall": recall, "recall_high": min(recall + 0.05, 1), "rows": images, "taken_for": "other"}
        for name, recall in zip("abcdefgh", recalls, strict=False)
    ]


GOOD = Evidence(score=0.975, low=0.962, high=0.984, rows=1200, classes=rows(0.99, 0.98, 0.96, 0.97), answered=0.93)
FAILING = replace(GOOD, score=0.675, low=0.655, high=0.695, classes=rows(0.95, 0.97, 0.74, 0.04))
LEAK = replace(GOOD, score=0.999, low=0.995, high=1.0, seen=340)
FEW = replace(GOOD, score=1.0, low=0.87, high=1.0, rows=35, classes=rows(1.0, 1.0, 1.0, images=12))
SHIFTED = replace(GOOD, clean=0.95, shifted=0.71, worst=0.42, worst_kind="defocus_blur")


def test_a_good_run_is_called_good():
    how_good, for_what, careful = verdict(GOOD)
    assert "very well" in how_good
    assert "97.5%" in how_good
    assert "96.2% and 98.4%" in how_good
    assert "every class" in for_what
    assert "c (96% of its images are found)" in for_what
    assert "not measured" in careful


def test_no_class_is_the_hardest_where_all_images_are_found():
    text = verdict(replace(GOOD, classes=rows(1.0, 1.0, 1.0)))[1]
    assert "hardest" not in text
    assert "all of their images are found" in text


def test_no_answers_are_to_be_left_out_where_none_is_wrong():
    right = replace(GOOD, score=1.0, high=1.0, classes=rows(1.0, 1.0), answered=0.995, errors=0.0)
    assert "least sure" not in verdict(right)[1]


def test_a_share_of_errors_that_was_chosen_on_these_images_is_told_so_in_its_sentence():
    assert "these same images" in verdict(replace(GOOD, chosen_here=True))[1]
    assert "these same images" not in verdict(GOOD)[1]


def test_a_class_that_fails_is_named_first_whatever_the_mean():
    how_good, for_what, _ = verdict(FAILING)
    assert "moderately" in how_good
    assert for_what.startswith("It fails to recognise d (4% of its images are found)")
    assert "can be used for a and b" in for_what


def test_a_leak_is_the_first_caution():
    careful = verdict(LEAK)[2]
    assert careful.startswith("Be careful: 340 of the 1,200 images were among those that members were trained on")
    assert "too good" in careful


def test_groups_that_were_seen_are_a_leak_too():
    assert "groups that members were trained on" in verdict(replace(GOOD, seen_groups=80))[2]


def test_35_images_are_few_however_high_the_score():
    how_good, _, careful = verdict(FEW)
    assert "very well" not in how_good
    assert "87.0% and 100.0%" in how_good
    assert "35 images are few" in careful


def test_a_fall_under_shift_is_told_with_the_worst_kind():
    careful = verdict(SHIFTED)[2]
    assert "falls from 95.0% to 71.0%" in careful
    assert "42.0% under defocus blur" in careful
    held = verdict(replace(SHIFTED, shifted=0.94))[2]
    assert "94.0%" in held
    assert "tried here" in held


def test_few_images_promise_nothing():
    """Two classes of two images each, all right; and one image of a class, wrong."""
    tiny = replace(GOOD, score=1.0, low=0.4, high=1.0, rows=4, classes=rows(1.0, 1.0, images=2), answered=None)
    how_good, for_what, careful = verdict(tiny)
    assert "guessing" in how_good
    assert "do not show" in for_what
    assert "4 images are few" in careful
    lonely = {"name": "e", "recall": 0.0, "recall_high": 0.975, "rows": 1, "taken_for": "a"}
    _, for_what, careful = verdict(replace(GOOD, classes=[*GOOD.classes, lonely]))
    assert "fails" not in for_what
    assert "every class that has enough images here" in for_what
    assert "hardly any images of e (1)" in careful


def test_classes_without_images_are_not_told_apart():
    absent = {"recall": None, "recall_high": None, "rows": 0, "taken_for": None}
    only = replace(GOOD, classes=[*rows(0.97), *({"name": name, **absent} for name in "bcd")])
    assert "all of a" in verdict(only)[0]
    assert "apart was not tested" in verdict(only)[0]
    two = replace(GOOD, classes=[*rows(0.97, 0.98), *({"name": name, **absent} for name in "cd")])
    assert "tells 2 classes apart" in verdict(two)[0]


def test_groups_of_a_class_count_and_not_their_images():
    few = [row | {"groups": 3} for row in rows(0.99, 0.98)]
    assert "do not show" in verdict(replace(GOOD, groups=6, classes=few))[1]
    assert "hardly any groups of a (3) and b (3)" in verdict(replace(GOOD, groups=200, classes=few))[2]


def test_guessing_is_called_guessing():
    guessing = replace(GOOD, score=0.27, low=0.24, high=0.3, classes=rows(0.3, 0.25, 0.27, 0.26))
    assert "guessing would, as far as can be told: of each class" in verdict(guessing)[0]


@pytest.mark.parametrize("evidence", [GOOD, FAILING, LEAK, FEW, SHIFTED])
def test_each_of_the_three_is_one_paragraph_with_an_end(evidence):
    for sentence in verdict(evidence):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "nan" not in sentence


def test_classes_without_images_are_told_and_do_not_break_it():
    unseen = [*rows(0.9), {"name": "z", "recall": None, "recall_high": None, "rows": 0, "taken_for": None}]
    assert "z (0)" in verdict(replace(GOOD, classes=unseen))[2]
    assert "nothing is known" in verdict(replace(GOOD, classes=unseen[1:]))[1]


def test_classes_without_images_are_no_part_of_what_it_can_be_used_for():
    classes = [*rows(0.98, 0.97), {"name": "c", "recall": None, "recall_high": None, "rows": 0, "taken_for": ""}]
    assert "every class that has enough images here; the hardest is b" in verdict(replace(GOOD, classes=classes))[1]


def test_shares_below_one_percent_are_not_told_as_none():
    told = verdict(replace(GOOD, answered=0.998, errors=0.004))[1]
    assert "least sure 0.2%" in told
    assert "about 0.4% of its answers" in told
