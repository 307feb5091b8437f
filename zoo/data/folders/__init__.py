"""Folders of class folders: what lies in them, which are splits, which are classes, and what is left out.

May import: class names, inventory and pictures of data, utils.
Imported by the sources that list folders.
"""
