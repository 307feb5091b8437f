"""Classes by the names of folders: which there are, which files each has, and which files none has."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from zoo.data.checks import FEWEST_CLASSES
from zoo.data.class_names import warn_of_near_names
from zoo.data.folders.layout import why_unread
from zoo.data.folders.tree import Tree
from zoo.data.folders.walk import join
from zoo.data.inventory import Inventory, Reason
from zoo.utils.text import count_of, listed, natural, nfc, suggestion

logger = logging.getLogger(__name__)


def class_names(tree: Tree, folder: str) -> tuple[str, ...]:
    """Name the classes after their folders, in natural order; both Unicode forms of a name are one class.

    Raises:
        ValueError: fewer than two class folders.
    """
    children = sorted({nfc(name) for name in tree.folders.get(folder, [])}, key=natural)
    where = tree.root / folder
    if not children:
        raise ValueError(
            f"Expected a folder for each class in {where}; found none. "
            f"Put the images into {where / 'CLASS' / 'image.jpg'}; if a table has their labels, load the table."
        )
    if len(children) < FEWEST_CLASSES:
        raise ValueError(
            f"Expected at least 2 classes in {where}; received one ({children[0]!r}): there is nothing to tell "
            f"apart. If the class folders are inside it, load {where / tree.folders[folder][0]}."
        )
    warn_of_near_names(children, str(where))
    return tuple(children)


def without_repeats(tree: Tree, folders: Mapping[str, str]) -> Tree:
    """Leave out images that links bring into class folders again; the test keeps one before validation and training.

    Args:
        tree: the source.
        folders: those of its splits, in the order train, validation, test.
    """
    ranked = list(enumerate(reversed(list(folders.values()))))
    ranks = {path: rank for path in tree.images for rank, folder in ranked if _class_of(path, folder)}
    _warn_of_two_classes(tree, {path: _class_of(path, ranked[rank][1]) for path, rank in ranks.items()})
    return tree.once(ranks)


def _warn_of_two_classes(tree: Tree, classes: Mapping[str, str]) -> None:
    """Warn of images that links bring into another class too, which can be right about one of them alone."""
    linked = {target: path for path, target in tree.targets.items() if path in classes}
    pairs = [(path, linked.get(tree.target(path), path)) for path in classes]
    clashes = [(other, path) for path, other in pairs if classes[path] != classes[other]]
    if clashes:
        logger.warning(
            "%s: links bring %s into another class too, such as %s, which is %s; each is read in one of the two",
            *(tree.root, count_of(len(clashes), "image"), *clashes[0]),
        )


def labelled_files(tree: Tree, folder: str, classes: tuple[str, ...], *, typed: bool = False) -> list[tuple[str, int]]:
    """List a split's image files with their labels, class by class and in natural order.

    Args:
        tree: the source.
        folder: that of the split.
        classes: the names of the classes.
        typed: the user named the classes, so that the folders are right where both differ.

    Raises:
        ValueError: a folder that is no class, none at all, or a class folder without images.
    """
    ids, where = {nfc(name): label for label, name in enumerate(classes)}, tree.root / folder
    children = {nfc(name) for name in tree.folders.get(folder, [])}
    strange = sorted(children - ids.keys(), key=natural)
    if strange and typed:
        raise _other_names([name for name in classes if nfc(name) not in children], strange, classes, where)
    if strange:
        raise ValueError(
            f"Expected the classes {', '.join(classes)} in {where}; received {strange[0]!r}. "
            f"{suggestion(strange[0], classes, listed=True) or 'Rename the folder, or move it elsewhere.'}"
        )
    if not children:
        raise ValueError(
            f"Expected class folders in {where}; found none, so its images have no labels. "
            "Sort them into class folders, or load the other folders without it."
        )
    images = _by_class(tree, folder)
    empty = [name for name in classes if nfc(name) in children - images.keys()]
    if empty:
        raise ValueError(
            f"Expected images in every class folder of {where}; none in {', '.join(empty)}. "
            "Add some, or remove the folder."
        )
    return [(path, label) for name, label in ids.items() for path in images.get(name, [])]


def _other_names(absent: Sequence[str], strange: Sequence[str], classes: Sequence[str], where: Path) -> ValueError:
    """Make the error for classes that the user named, beside class folders that are none of them."""
    if absent:
        return ValueError(
            f"Expected classes (zoo: --classes) that are class folders of {where}; received {absent[0]!r}. "
            f"{suggestion(absent[0], strange)}"
        )
    return ValueError(
        f"Expected every class folder of {where} in classes (zoo: --classes); received {', '.join(classes)}, without "
        f"{listed(strange)}. Name them too, or move these folders elsewhere."
    )


def take_stock(tree: Tree, folders: Mapping[str, str], files: Iterable[str]) -> Inventory:
    """Say of every file of the tree whether it is among those with labels, and of the others why not.

    Args:
        tree: the source.
        folders: those of its splits.
        files: the images with labels.
    """
    labelled = set(files)
    unread = {path: why_unread(tree, folders, path) for path in tree.images if path not in labelled}
    inventory = tree.inventory.without(unread)
    others = inventory.left_out.get(Reason.NO_IMAGE, ())
    inside = {path for path in others if any(_class_of(path, folder) for folder in folders.values())}
    divided = {
        Reason.NO_IMAGE: tuple(path for path in others if path in inside),
        Reason.NOTES: tuple(path for path in others if path not in inside),
    }
    return Inventory(inventory.read, {**inventory.left_out, **divided})


def _by_class(tree: Tree, folder: str) -> dict[str, list[str]]:
    """The images in a folder's folders, however deep, by the composed name of the folder."""
    found = defaultdict(list)
    for path in tree.images:
        if name := _class_of(path, folder):
            found[nfc(name)].append(path)
    return found


def _class_of(path: str, folder: str) -> str:
    """The class folder of a file; empty for a file that has none."""
    above = join(folder, "")
    name, deeper, _ = path.removeprefix(above).partition("/")
    return name if deeper and path.startswith(above) else ""
