"""The report: one HTML page about a fitted ensemble for people who do not program, and its numbers as JSON.

Import from it: ``make_report`` and ``check_page`` of ``page``.
"""
