"""The policies: a module for each, or for a few that are alike, which enter themselves into the register.

To add one, add its file: a function that draws steps for a picture, decorated with :func:`zoo.augment.policy.policy`.
"""

from importlib import import_module
from pkgutil import iter_modules

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
