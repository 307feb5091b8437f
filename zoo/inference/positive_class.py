"""Which class's probability the one column of a sample takes: of two, the positive one where that is sure."""

from __future__ import annotations

from collections.abc import Sequence

from zoo.data.tables.columns import plain
from zoo.inference.answers import Codes
from zoo.utils.text import suggestion

POSITIVE = {"1", "true", "yes", "y", "positive", "pos"}
NEGATIVE = {"0", "-1", "false", "no", "n", "negative", "neg"}
SURE = {"true", "yes", "positive"}  # whatever the other class is called


def chosen_class(positive: str, classes: Sequence[str]) -> int:
    """The id of the class that the user named.

    Raises:
        ValueError: no class is called so.
    """
    if positive not in classes:
        raise ValueError(
            f"Expected one of the classes {', '.join(classes)} for positive (zoo: --positive); received {positive!r}. "
            f"{suggestion(positive, classes, listed=True) or 'Choose one of these.'}"
        )
    return list(classes).index(positive)


def positive_class(column: str, classes: Sequence[str], codes: Codes) -> int | None:
    """The id of the positive one of two classes; None where no words for yes and no tell it.

    It is found by what the fit's table has in that column, else by the classes' names, else by other columns.
    """
    if len(classes) != 2:
        return None
    same = [own for name, own in codes.items() if plain(name) == plain(column)]
    found = (_positive(words) for words in (*same, classes, *codes.values()))
    return next((number for number in found if number is not None), None)


def check_known(number: int | None, shown: str, where: str, classes: Sequence[str]) -> int:
    """Check that it is known which probability a column takes.

    Raises:
        ValueError: it is not.
    """
    if number is None:
        others = "" if len(classes) == 2 else ", or add a column for each class, called like it"
        raise ValueError(
            f"Expected to know whose probability {where} takes, as it shows {shown}; the classes are "
            f"{', '.join(classes)}. Name one: positive='NAME' (zoo: --positive NAME){others}."
        )
    return number


def _positive(words: Sequence[str]) -> int | None:
    written = [word.strip().casefold() for word in words]
    yes = [number for number, word in enumerate(written) if word in POSITIVE]
    if len(yes) != 1:
        return None
    own, other = written[yes[0]], written[1 - yes[0]]
    return yes[0] if own in SURE or other in NEGATIVE else None
