"""Members: one network each, made, trained in processes, kept in a store, and predicted with.

May import: options, training, cleaning, data, models, augment, utils.
Imported by state and all above.
"""
