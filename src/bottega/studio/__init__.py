"""The studio: a page on this machine, with rooms to make, train, look, keep and wait in.

``app`` opens the house, ``desk`` is what the rooms share, and each room is a module with a function ``room(desk)`` that
builds its content inside an open tab. Everything a room does goes through the library's jobs and works, so that the
page knows nothing that the command line does not.
"""
