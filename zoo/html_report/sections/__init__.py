"""The sections of the page, in their order: a module each, with a function from findings to a section or None.

Those of :data:`OF_ANSWERS` tell of the answers of the rule, and are left out where this rule cannot be scored.
"""

from zoo.html_report.sections import (
    calibration,
    classes,
    curves,
    data,
    errors,
    feature_map,
    heat_maps,
    leaderboard,
    members,
    model_card,
    segments,
    shift,
    verdict,
)

SECTIONS = (
    verdict.section,
    data.section,
    leaderboard.section,
    classes.section,
    errors.section,
    heat_maps.section,
    curves.section,
    calibration.section,
    shift.section,
    members.section,
    segments.section,
    feature_map.section,
    model_card.section,
)

OF_ANSWERS = frozenset(
    {
        classes.section,
        errors.section,
        heat_maps.section,
        calibration.section,
        shift.section,
        segments.section,
        feature_map.section,
    }
)
