"""Export: an ensemble as one file or folder that runs without this library.

Import from it: the names of ``__all__``; rooms above import its modules too.
"""

from typing import TYPE_CHECKING

from zoo.utils.modules import lazy

if TYPE_CHECKING:
    from zoo.export.loading import SavedEnsemble, load_saved_model
    from zoo.export.verify import ExportError
    from zoo.export.writing import export

__all__ = ["ExportError", "SavedEnsemble", "export", "load_saved_model"]
__getattr__ = lazy(
    __name__,
    {
        "ExportError": "zoo.export.verify",
        "SavedEnsemble": "zoo.export.loading",
        "export": "zoo.export.writing",
        "load_saved_model": "zoo.export.loading",
    },
)
