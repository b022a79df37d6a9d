"""Writes the next step, for whoever changes ``tables.py``: ``python -m bottega.library.migrations "What changes"``.

It compares the tables with those of an empty library of the newest revision. Read what it writes, give ``REVISION`` in
``database.py`` its number, and add to the test what the step must keep.
"""

import sys
import tempfile

from alembic import command
from sqlalchemy import create_engine

from bottega.library.database import REVISION
from bottega.library.migrations import config

with tempfile.TemporaryDirectory() as folder:
    engine = create_engine(f"sqlite:///{folder}/library.db")
    told = config()
    with engine.connect() as connection:
        told.attributes["connection"] = connection
        command.upgrade(told, "head")
        command.revision(told, sys.argv[1], autogenerate=True, rev_id=f"{int(REVISION) + 1:04}")
    engine.dispose()
