"""Members: one network each, made, trained in processes, kept in a store, and predicted with.

May import: ensemble_options, training, data, models, augment, ensembles, utils.
Imported by state and all above.
"""
