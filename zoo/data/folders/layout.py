"""Which folders of a tree are splits, and which are classes: recognised by name where that is clear, else refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from zoo.data.folders.tree import Tree
from zoo.data.folders.walk import join
from zoo.data.inventory import Reason
from zoo.data.split_words import SPLITS, TRAIN, WORDS
from zoo.utils.text import listed, nfc

PREDICTED = "to predict"
ROLES = WORDS | dict.fromkeys(("pred", "predict", "prediction", "unlabelled", "unlabeled"), PREDICTED)
PLAIN = frozenset({"set", "data", "dataset", "images", "image", "img", "imgs", "split", "folder", "pictures"})
GROUPS = re.compile(r"(site|patient|person|subject|slide|case|batch|session|video|visit|part|plate|well|camera|x)s?")


def split_folders(tree: Tree, classes: Sequence[str] | None = None) -> dict[str, str]:
    """Find the folders of a tree that hold class folders.

    Args:
        tree: the folder.
        classes: names of the classes, where they are known; folders that are called so are no splits.

    Returns:
        The folder of ``train``, and of ``validation`` and ``test`` where there are some; ``""`` is the whole.

    Raises:
        ValueError: splits without training, two folders of one split, or a layout that may mean several things.
    """
    children = tree.folders.get("", [])
    known = {nfc(name) for name in classes or ()}
    if children and {nfc(name) for name in children} <= known:
        return {TRAIN: ""}  # who names the folders as classes has said what they are
    found = _splits(tree)
    beside = [name for name in children if name not in found]
    labelled = {name: role for name, role in found.items() if role != PREDICTED}
    is_nested = any(tree.folders.get(name) for name in labelled)
    if not labelled or (beside and not is_nested and len(labelled) == 1):
        _check_not_nested(tree, "", children)
        return {TRAIN: ""}  # a class, of vehicles say, may be called train
    _check_roles(tree, labelled)
    folders = {role: _unwrapped(tree, name) for name, role in labelled.items()}
    _check_beside(tree, folders, beside)
    for folder in folders.values():
        _check_not_nested(tree, folder, tree.folders.get(folder, []), known)
    return {split: folders[split] for split in SPLITS if split in folders}


def why_unread(tree: Tree, folders: Mapping[str, str], path: str) -> Reason:
    """Say why an image is in no class folder of the splits.

    Args:
        tree: the source.
        folders: those of its splits.
        path: the image.
    """
    top = path.partition("/")[0]
    if top == path or any(folder.partition("/")[0] == top for folder in folders.values()):
        return Reason.LOOSE
    return Reason.UNLABELLED if _splits(tree).get(top) == PREDICTED else Reason.BESIDE


def _splits(tree: Tree) -> dict[str, str]:
    """The folders that are called like splits: by a split's word alone, or with words that several of them have."""
    read = {name: parts for name in tree.folders.get("", []) if (parts := _role(name))}
    roles: dict[str, set[str]] = {}
    for role, rest in read.values():
        roles.setdefault(rest, set()).add(role)
    found = {
        name: role for name, (role, rest) in read.items() if PLAIN.issuperset(rest.split()) or len(roles[rest]) > 1
    }
    if not any(role == TRAIN and tree.folders.get(name) for name, role in found.items()):
        return found
    flat = {name for name, role in found.items() if role != TRAIN and not tree.folders.get(name)}
    return {name: PREDICTED if name in flat and name.lower() not in ROLES else role for name, role in found.items()}


def _role(name: str) -> tuple[str, str] | None:
    """The split that a name speaks of and the rest of it: ``seg_train`` is (train, seg)."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[^\W\d_]+", spaced.casefold())
    words = [part for word in words for part in re.sub(r"(set|data|images?|imgs?)$", r" \1", word).split()]
    roles = {ROLES[word] for word in words if word in ROLES}
    if len(roles) != 1:
        return None
    return roles.pop(), " ".join(word for word in words if word not in ROLES)


def _unwrapped(tree: Tree, folder: str) -> str:
    """The folder of class folders: unpacked archives repeat a split's name, as in seg_train/seg_train/."""
    inner = tree.folders.get(folder, [])
    if len(inner) != 1 or not tree.folders.get(join(folder, inner[0])):
        return folder
    same = _role(inner[0]) == _role(folder) or nfc(inner[0]) == nfc(folder)
    return join(folder, inner[0]) if same else folder


def _check_roles(tree: Tree, found: dict[str, str]) -> None:
    names = ", ".join(found)
    if TRAIN not in found.values():
        raise ValueError(
            f"Expected train/ beside {names} in {tree.root}; found none. To load one of them alone, name it: "
            f"{tree.root / next(iter(found))}. If all folders are classes, name them: classes=[...] (zoo: --classes)."
        )
    if len(set(found.values())) < len(found):
        raise ValueError(f"Expected one folder a split in {tree.root}; received {names}. Rename or merge them.")


def _check_beside(tree: Tree, folders: dict[str, str], beside: list[str]) -> None:
    """Refuse train/ alone among folders that look like its sisters: it may be a class of things that are called so."""
    inner = tree.folders.get(folders[TRAIN], [])
    sisters = [
        name for name in beside if name in tree.with_images and set(inner).isdisjoint(tree.folders.get(name, []))
    ]
    if len(folders) == 1 and len(sisters) > 1:
        raise ValueError(
            f"Expected splits or classes in {tree.root}; received {folders[TRAIN]}/ with {listed(inner)} beside "
            f"{listed(sisters)}, which may be either. To read the split alone, load {tree.root / folders[TRAIN]}; "
            "if all are classes, name them: classes=[...] (zoo: --classes)."
        )


def _check_not_nested(tree: Tree, folder: str, names: Sequence[str], known: Collection[str] = ()) -> None:
    """Refuse folders that hold the same folders: folds or sites of the same classes, which are no classes."""
    shared = _shared(tree, folder, names)
    if len(shared) < 2 or {nfc(name) for name in names} <= set(known) or all(map(GROUPS.fullmatch, _stems(shared))):
        return
    raise ValueError(
        f"Expected class folders in {tree.root / folder}; received {listed(names)}, which hold the same folders: "
        f"{listed(shared)}. If those are the classes, put them under train/, val/ and test/, or load one: "
        f"{tree.root / folder / names[0]}. If {listed(names)} are the classes, name them: classes=[...] (zoo: "
        "--classes)."
    )


def _shared(tree: Tree, folder: str, names: Sequence[str]) -> list[str]:
    """The names of folders with images that most of some folders hold, unless these have images of their own."""
    filled = [path for name in names if (path := join(folder, name)) in tree.with_images]
    if all(path in tree.with_own_images for path in filled):
        return []
    counts = Counter(
        nfc(inner) for path in filled for inner in tree.folders.get(path, []) if join(path, inner) in tree.with_images
    )
    return [name for name, count in counts.items() if count > len(filled) / 2 and count > 1]


def _stems(names: Sequence[str]) -> list[str]:
    """Numbered names without their numbers."""
    return [re.sub(r"[\W\d_]+", "", name.casefold()) if re.search(r"\d", name) else "" for name in names]
