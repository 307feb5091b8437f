"""Tables that name files: their cells, columns and rows, and the files themselves.

May import: data, but for sources and loading; utils.
Imported by the sources that are tables or lists.
"""
