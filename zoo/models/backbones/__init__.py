"""The built-in backbones; importing this package fills the register, and imports no Keras.

Every module here enters its backbones when it is imported. To add one, add its row to ``families``, or its file.
"""

from importlib import import_module
from pkgutil import iter_modules

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
