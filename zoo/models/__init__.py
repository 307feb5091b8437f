"""Networks: the register of backbones, a network's specification, its pixels, head and pretrained weights.

May import: ensembles, utils.
Imported by cleaning, training, members and all above.
"""
