"""The rules, one file each.

Every file here is imported, and its class is listed by `ensembles.registry.register`. So a new rule takes one file with
a class as `ensembles.rule.Rule` describes it, and a test; names, `make_rule`, saved files, Keras layers and messages
follow. `ensembles.rules.soft` is the shortest example.
"""

import importlib
import pkgutil

for _file in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_file.name}")
