"""Folders of class folders: what lies in them, which are splits, which are classes, and what is left out.

Import from it: ``survey`` of ``tree``, ``split_folders`` of ``layout``, and the listings of ``class_folders``.
"""
