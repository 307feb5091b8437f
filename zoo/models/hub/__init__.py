"""Networks of KerasHub: written out in small layers, and their presets.

Import from it: ``fresh`` and ``from_preset`` of ``building``.
"""
