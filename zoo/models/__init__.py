"""Networks: the register of backbones, a network's specification, its pixels, head and pretrained weights.

Import from it: its modules, first of all ``plan``, ``registry`` and ``assembly``.
"""
