"""Answers over HTTP: pictures in, classes out, in batches that form by themselves; and a page for people.

Import from it: ``serve`` of ``running``, and ``Settings`` of ``settings``.
"""
