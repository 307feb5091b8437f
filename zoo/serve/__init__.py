"""Answers over HTTP: pictures in, classes out, in batches that form by themselves; and a page for people.

May import: inference and all below.
Imported by the command line.
"""
