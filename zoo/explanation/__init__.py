"""Heat maps: which pixels an answer rests on, for one network and for an ensemble, and whether the maps tell the truth.

May import: state and all below it. Imported by the report page, the estimator and the command line.
"""
