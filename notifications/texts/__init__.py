"""The words of messages: Jinja2 files by kind of channel and of alert, else in ``common``.

Only these files are templates. A county's own wording and every value are filled as text.
"""
