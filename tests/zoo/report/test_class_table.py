"""zoo/report/class_table.py: what people see of classes."""

from zoo.report.class_table import MOST_SHOWN, ClassTable, ConfusionTable


def _row(name, recall, groups=None, taken_for=None):
    found = {"name": name, "recall": recall, "recall_low": recall, "recall_high": recall}
    return found | {"rows": 4, "groups": groups, "taken_for": taken_for}


def test_a_class_has_its_recall_and_what_it_is_taken_for():
    text = str(ClassTable([_row("ig", 0.75, taken_for="monocyte")], "4 images"))
    assert "4 images" in text
    assert "0.7500" in text
    assert "monocyte" in text


def test_a_class_without_images_has_no_recall():
    text = str(ClassTable([_row("ig", None), _row("platelet", 1.0)], "4 images"))
    assert next(line for line in text.splitlines() if line.strip().startswith("ig")).split() == ["ig", "4"]


def test_groups_have_a_column_where_there_are_groups():
    assert "groups" not in str(ClassTable([_row("ig", 1.0)], "4 images"))
    assert "groups" in str(ClassTable([_row("ig", 1.0, groups=2)], "4 images"))


def test_pairs_that_are_not_shown_are_counted():
    rows = [{"label": "ig", "answer": str(number), "images": 1, "share": 0.1} for number in range(MOST_SHOWN + 2)]
    assert "2 more pairs" in str(ConfusionTable(rows, "4 images"))
    assert str(ConfusionTable(rows[:-1], "4 images")).rstrip().endswith("1 more pair")
    assert "more" not in str(ConfusionTable(rows[:-2], "4 images"))
