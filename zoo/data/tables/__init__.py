"""Tables that name files: their cells, columns and rows, and the files themselves.

Import from it: its modules, first of all ``table`` and ``table_rows``.
"""
