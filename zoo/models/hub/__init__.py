"""Networks of KerasHub: written out in small layers, and their presets.

May import: utils, models.registry.
Imported by models only.
"""
