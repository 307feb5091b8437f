"""The register of rules, which the rules' own files fill: names, `make_rule`, saved files and messages come from it."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, TypeVar

from ensembles.probability_warnings import telling_once
from ensembles.rule import Rule

Kind = TypeVar("Kind", bound=type[Any])

_ORDERS: dict[str, int] = {}
_CLASSES: dict[str, type[Any]] = {}


def register(order: int = 50) -> Callable[[Kind], Kind]:
    """List a rule's class under its `name`, so that `make_rule` makes it and saved files are read.

    Args:
        order: The key that sorts `RULES`, from the simplest rule to those that choose among others; rules with equal
            keys are sorted by name.

    Raises:
        TypeError: `order` is no whole number, as where the brackets of `@register()` are missing.
        ValueError: Another class has this name.
    """
    if not isinstance(order, int):
        raise TypeError(f"Expected order as a whole number; received {order!r}. Write @register() with its brackets.")

    def add(kind: Kind) -> Kind:
        savable(kind)
        telling_once(kind)
        _ORDERS[kind.name] = order
        return kind

    return add


def savable(kind: Kind) -> Kind:
    """Let saved rules contain objects of a class, which is a dataclass and is found again by its `name`.

    Raises:
        ValueError: Another class has this name.
    """
    taken = _CLASSES.get(kind.name, kind)
    if (taken.__module__, taken.__qualname__) != (kind.__module__, kind.__qualname__):  # equal where a file is reloaded
        raise ValueError(
            f"Expected a new name; received {kind.name!r}, which {taken.__module__}.{taken.__qualname__} has. "
            "Choose another."
        )
    _CLASSES[kind.name] = kind
    return kind


def rule_classes() -> dict[str, type[Any]]:
    """Return the registered rules by name, in their order."""
    return {name: _CLASSES[name] for name in sorted(_ORDERS, key=lambda name: (_ORDERS[name], name))}


def saved_classes() -> dict[str, type[Any]]:
    """Return all classes that saved rules may contain, by name: rules first, then their parts."""
    return rule_classes() | _CLASSES


def make_rule(name: str, **options: object) -> Rule:
    """Make the unfitted rule of this name.

    Args:
        name: One of `RULES`.
        options: Options of the rule's constructor.

    Raises:
        ValueError: No rule has this name.
        TypeError: The rule has no such option.

    Examples:
        >>> make_rule("stacked", strength=1.0)
        Stacked(over='logits', strength=1.0, estimator=None, seed=0)
    """
    known = rule_classes()
    if name not in known:
        raise ValueError(f"Expected a rule among {', '.join(known)}; received {name!r}.{did_you_mean(name, [*known])}")
    accepted = [option.name for option in fields(known[name]) if option.init]
    for option in options.keys() - set(accepted):
        listed = f"an option among {', '.join(accepted)}" if accepted else "no options"
        raise TypeError(f"Expected {listed} for {name}; received {option!r}.{did_you_mean(option, accepted)}")
    rule: Rule = known[name](**options)
    return rule


def did_you_mean(name: object, known: Sequence[str]) -> str:
    """Return a sentence that offers the nearest known name, or nothing where none is near."""
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(str(name).casefold(), folded, n=1)
    return f" Did you mean {folded[close[0]]!r}?" if close else ""
