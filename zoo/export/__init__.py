"""What others run: an ensemble as one file or folder that needs nothing of this library."""

from zoo.export.loading import SavedEnsemble, load_saved_model
from zoo.export.verify import ExportError
from zoo.export.writing import export

__all__ = ["ExportError", "SavedEnsemble", "export", "load_saved_model"]
