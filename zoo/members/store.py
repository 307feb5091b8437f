"""Members and their logits on disk: what is present and valid is done.

A member lies in ``members/<backbone>-<key>``; the key is the hash of everything that decides its weights, so that
ensembles, methods and runs use the same members. Logits lie beside the member, one ``.npy`` for each set
of images, named by the images' content; so does its speed, of the machine that measured it.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock

from zoo.data.images import Images
from zoo.members.files import LOGITS_FOLDER, RECORD_FILE, SEALED, SPEED_FILE, format_of
from zoo.members.member import Member
from zoo.models.cloning import clone
from zoo.models.fingerprint import network_digest
from zoo.models.keras_file import check_readable
from zoo.models.randomness import seeded
from zoo.training.checkpoint import Workspace
from zoo.utils.array_files import read_sealed_array, write_sealed_array
from zoo.utils.files import read_json, sweep, write_json

if TYPE_CHECKING:
    import keras

logger = logging.getLogger(__name__)


class Store:
    """A folder of members. What a full disk cannot take stays in memory, as long as this object lives.

    Args:
        root: the folder; made when something is kept in it.

    Attributes:
        in_memory: members that could not be written, by key.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root).expanduser().resolve()
        self.in_memory: dict[str, Member] = {}
        self._logits_in_memory: dict[Path, np.ndarray] = {}
        self._speeds_in_memory: dict[str, float] = {}

    @property
    def members(self) -> Path:
        """The folder of the members' folders."""
        return self.root / "members"

    def lock(self, key: str) -> FileLock:
        """Keep two processes from training the same member at once; the second finds the first one's."""
        folder = self.root / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / f"{key}.lock")

    def find(self, key: str) -> Member | None:
        """Read a member if it is there and whole; None otherwise."""
        if key not in self.in_memory and not (self.members / key).is_dir():
            return None
        try:
            return self.member(key)
        except (OSError, ValueError, KeyError) as error:
            logger.warning("%s is made again: %s", self.members / key, error)
            return None

    def member(self, key: str) -> Member:
        """Read a member that must be there.

        Raises:
            FileNotFoundError: it is not.
            ValueError: it was changed or cut.
        """
        return self.in_memory.get(key) or Member.load(self.members / key)

    def start(self, key: str, seed: int) -> keras.Model:
        """A member's network to train on from; one that lies in memory stays as it is."""
        network = self.member(key).model
        if key not in self.in_memory:
            return network
        with seeded(seed):
            return clone(network)

    def file_hash(self, key: str) -> str:
        """The hash of a member's file: trained again, one key may have other weights. Empty where there is none."""
        try:
            return str(read_json(self.members / key / RECORD_FILE)["sha256"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def keep(self, key: str, member: Member) -> bool:
        """Write a member into the store, and return whether that succeeded; what a killed process left is removed."""
        sweep(self.members / key)
        try:
            member.save(self.members / key)
        except OSError as error:
            logger.warning("%s is not kept, and lost when the program ends: %s", member.name, error)
            self.in_memory[key] = member
        return key not in self.in_memory

    def workspace(self, key: str) -> Workspace:
        """The folders of a member's own progress, and of features and views that all members use."""
        return Workspace(self.root / "progress" / key, self.root / "shared")

    def clear(self, place: Workspace) -> None:
        """Remove the progress of a training that is over."""
        if place.own is not None:
            shutil.rmtree(place.own, ignore_errors=True)

    def find_logits(self, key: str, images: Images, classes: int) -> np.ndarray | None:
        """Read a member's logits ``(N, classes)`` for some images if they are there and whole."""
        path = self._logits_file(key, images)
        if path in self._logits_in_memory:
            return self._logits_in_memory[path]
        try:
            earlier = format_of(self.members / key) < SEALED
            logits = read_sealed_array(path, _about(key, images), kinds="f", axes=2, earlier=earlier)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            logger.warning("%s is made again: %s", path, error)
            return None
        return logits if logits.shape == (len(images), classes) else None

    def logits(self, key: str, images: Images, member: Member | None = None) -> np.ndarray:
        """Return a member's logits ``(N, classes)`` float32, computed once for each set of images.

        How many images/s it predicts is measured on the way.

        Args:
            key: of the member.
            images: to predict.
            member: where it is at hand; else it is read, if its logits are not there.
        """
        found = self.find_logits(key, images, len(images.classes))
        if found is None:
            found = self._predicted(key, images, member)
            self._keep_logits(key, images, found)
        return found

    def _predicted(self, key: str, images: Images, member: Member | None) -> np.ndarray:
        """Predict; a network that is read for this alone is let go, one that was handed over stays as it is."""
        if member is None:
            member = self.member(key)
            with member.opened():
                return self._predicted(key, images, member)
        if self.find_speed(key) is not None:
            return member.logits(images)
        logits, speed = member.timed_logits(images)
        self.keep_speed(key, speed)
        return logits

    def find_speed(self, key: str) -> float | None:
        """Read how many images/s a member predicts; None where it was not measured."""
        if key in self._speeds_in_memory:
            return self._speeds_in_memory[key]
        try:
            return float(read_json(self.members / key / SPEED_FILE)["images_per_second"])
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return None

    def keep_speed(self, key: str, speed: float | None) -> None:
        """Write how many images/s a member predicts; None is left out."""
        if speed is None:
            return
        try:
            if key not in self.in_memory:
                write_json(self.members / key / SPEED_FILE, {"images_per_second": speed})
                return
        except OSError as error:
            logger.debug("the speed of %s stays in memory: %s", key, error)
        self._speeds_in_memory[key] = speed

    def _keep_logits(self, key: str, images: Images, logits: np.ndarray) -> None:
        path = self._logits_file(key, images)
        if key in self.in_memory:  # a folder with logits alone would look like a broken member
            self._logits_in_memory[path] = logits
            return
        try:
            write_sealed_array(path, logits, _about(key, images))
        except OSError as error:
            if not self._logits_in_memory:
                logger.warning("logits stay in memory: %s", error)
            self._logits_in_memory[path] = logits

    def _logits_file(self, key: str, images: Images) -> Path:
        return self.members / key / LOGITS_FOLDER / f"{images.fingerprint}.npy"


def _about(key: str, images: Images) -> str:
    """What logits are of, for their seal: a file that was moved to another member's folder is not that member's."""
    return f"{key} {images.fingerprint}"


def adopted_key(member: Member) -> str:
    """Name a member that was trained elsewhere by its network and its weights."""
    return f"{member.name}-{network_digest(member.model)}"


def adopt(member: Member, store: Store) -> str:
    """Keep a member that was trained elsewhere, and return its key.

    Raises:
        ValueError: its network cannot be written, or not be read again without code of the user's.
    """
    key = adopted_key(member)
    if store.find(key) is None:
        check_readable(member.model)
        store.keep(key, member)
    return key


def in_turn(speeds: Collection[float | None]) -> float | None:
    """Return the images/s of members that predict one after another; None where one was not measured."""
    known = [speed for speed in speeds if speed is not None]
    return 1 / sum(1 / speed for speed in known) if known and len(known) == len(speeds) else None
