"""Heat maps: which pixels an answer rests on, for one network and for an ensemble, and whether the maps tell the truth.

Import from it: ``explain`` of ``ensemble_maps``, ``check_members`` of ``sanity``, and ``overlay`` of ``overlay``.
"""
