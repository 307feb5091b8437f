"""OpenCV, loaded when it is first used: that takes a quarter of a second, and most commands touch no pixel."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any


class _LoadedOnUse(ModuleType):
    """Stands for a module until a name of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    import cv2
else:
    cv2 = _LoadedOnUse("cv2")

__all__ = ["cv2"]
