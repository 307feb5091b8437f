"""A trained model in a ``.keras`` file, as an ensemble or a TOML table names it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.models.from_keras import Pixels, check_pixels
from zoo.models.plan import as_name, check_name

if TYPE_CHECKING:
    import keras

SUFFIX = ".keras"
EARLIER = (".h5", ".hdf5")  # their files may run code whatever the reader says
UNKNOWN = re.compile(
    r"Could not locate (?:class|function) '(\w+)'"
    r"|'class_name': 'function', 'config': '(\w+)', 'registered_name': 'function'"
)
MOST = 200  # characters of a message of Keras


@dataclass(frozen=True, kw_only=True)
class KerasFile:
    """A trained model to take as a member.

    Attributes:
        model: path of the ``.keras`` file.
        name: the member's; by default the file's.
        classes: names of the classes in the order of the model's columns; empty where they are in the data's order.
        pixels: what the model takes, of :data:`zoo.models.from_keras.PIXELS`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: a name that is refused, classes that come twice, or unknown pixels.
    """

    model: str | Path
    name: str = ""
    classes: tuple[str, ...] = ()
    pixels: Pixels = "as_is"

    def __post_init__(self) -> None:
        path = self.path
        if not path.exists():
            raise FileNotFoundError(f"Expected a Keras model's file; there is none at {path}. Correct the path.")
        object.__setattr__(self, "name", check_name(self.name or as_name(path.stem)))
        check_pixels(self.pixels)
        _check_classes(self.classes)

    @property
    def path(self) -> Path:
        """The file's path, a home folder written out."""
        return Path(self.model).expanduser()

    def read(self) -> keras.Model:
        """Read the model, uncompiled; Keras' safe mode runs no code from the file.

        Raises:
            ValueError: a file of another kind, or layers that cannot be loaded; the message says what to do.
        """
        self._check_kind()
        return load_network(self.path)

    def _check_kind(self) -> None:
        path = self.path
        if path.suffix.lower() == SUFFIX and path.is_file():
            return
        kind = "a folder" if path.is_dir() else f"a {path.suffix} file" if path.suffix else "a file without a suffix"
        why = ", which is not read, as it may run code" if path.suffix.lower() in EARLIER else ""
        raise ValueError(
            f"Expected a Keras model in a {SUFFIX} file; {path} is {kind}{why}. "
            f"Load it where it was made, and save it anew: model.save('{path.stem}{SUFFIX}')."
        )


def load_network(path: Path) -> keras.Model:
    """Read a network from a ``.keras`` file, uncompiled; Keras' safe mode runs no code from the file.

    Raises:
        ValueError: a file that is cut or of another kind, layers that cannot be loaded, or weights of other layers.
    """
    import keras

    know_own_layers()
    try:
        with warnings.catch_warnings():
            # Keras leaves layers at random weights that the file has none for.
            warnings.filterwarnings("error", message="Skipping nested container", category=UserWarning)
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever a broken file leads it into
        raise ValueError(f"Expected a model that can be loaded from {path}; {refusal(error)}") from error
    if not isinstance(model, keras.Model):
        raise ValueError(
            f"Expected a model in {path}; received a {type(model).__name__}. Save the model: model.save()."
        )
    return model


def know_own_layers() -> None:
    """Register the library's own layers, so that Keras' safe mode finds them in a file."""
    from zoo.models.hub import attention_layers, token_layers  # noqa: F401


def _check_classes(classes: Sequence[str]) -> None:
    """Check what can be checked without the network: how many columns it has is known when it is read."""
    if isinstance(classes, str) or len(classes) == 1 or len(set(map(str, classes))) < len(classes):
        raise ValueError(
            f"Expected classes as a list of different names, one a column; received {classes!r}. "
            "Correct classes=[...], in TOML the key of [[members]]."
        )


def names_file(entrant: object) -> bool:
    """Say whether an entrant of an ensemble is the path of a model, and not a backbone's name."""
    return isinstance(entrant, Path) or (isinstance(entrant, str) and entrant.lower().endswith((SUFFIX, *EARLIER)))


def check_readable(model: keras.Model) -> None:
    """Check before a network is kept that it can be read again, in Keras' safe mode.

    Raises:
        ValueError: layers that cannot be loaded; the message says which and what to do.
    """
    from keras import saving

    try:
        saving.deserialize_keras_object(saving.serialize_keras_object(model), safe_mode=True)
    except Exception as error:
        raise ValueError(f"Expected layers that can be saved and loaded; {refusal(error)}") from error


def refusal(error: Exception) -> str:
    """Say why Keras cannot load a network, and what to do: its own messages are pages of configuration."""
    text = str(error)
    if "Lambda" in text or "'activation': {'value'" in text:
        return (
            "it has Python code in it, a Lambda or a function without a name, which is not run. Put a stock layer, "
            "keras.ops or a registered layer of your own in its place."
        )
    own = UNKNOWN.findall(text)
    if own:
        return (
            f"it has code of its own, {own[-1][0] or own[-1][1]!r}, which is not known here. Put "
            "@keras.saving.register_keras_serializable() on it, give a layer get_config, and import its module first "
            "(zoo: --import MODULE)."
        )
    if "Skipping nested container" in text:
        return "its weights are of other layers than its configuration has. Save the model again."
    if "accessible `.keras` zip file" in text:
        return "the file is cut or of another kind. Save the model again: model.save('model.keras')."
    return f"{type(error).__name__}: {_last_line(text)}. Save it anew with this version of Keras."


def _last_line(text: str) -> str:
    """The innermost of Keras' nested messages."""
    lines = text.rsplit("Exception encountered: ", maxsplit=1)[-1].strip().splitlines() or ["no reason given"]
    return lines[0][:MOST].rstrip(". ")
