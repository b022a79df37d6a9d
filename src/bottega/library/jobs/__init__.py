"""Jobs: every long action is one, whoever asked for it; it survives whoever asked, and anyone can follow and stop it.

A job has a folder under ``home.runs()`` with ``job.json`` (all about it), ``events.jsonl`` (what happened, only ever
appended to), ``output.log`` (what its process printed) and its previews, and a row in the library's database. A verb of
the command line is a job in its own process; what the page or ``--queue`` asks for waits until its device is free and
then runs in a process of its own. No daemon looks after the queue: whoever submits, ends, watches or lists kicks it.

The events, each with ``t`` (seconds since 1970) and ``what``:

- ``begun``: ``pid``, ``device``; again after each resume;
- ``said``: ``text``, a sentence;
- ``progress``: ``share`` in [0, 1] or None, ``left`` in seconds or None, ``line``;
  of trainings also ``step`` and ``losses``;
- ``preview``: ``file``, a name in the job's folder; of trainings also ``step``;
- ``written``: ``number`` of the text, and the ``text`` that is new;
- ``done``: ``results`` and ``facts``; ``failed``, ``stopped``, ``paused``, ``interrupted``: ``text``.
"""

from typing import Any

from bottega.library.jobs import journal, rows
from bottega.library.jobs.here import run_here
from bottega.library.jobs.job import ENDED, RESUMABLE, STATES, VERBS, WAITING, Job
from bottega.library.jobs.queue import cancel, clear, finish, kick, move, pause, resume, submit
from bottega.library.jobs.rows import find as all
from bottega.library.jobs.rows import get, recover
from bottega.library.jobs.running import output_of

__all__ = [
    "ENDED",
    "RESUMABLE",
    "STATES",
    "VERBS",
    "WAITING",
    "Job",
    "all",
    "cancel",
    "clear",
    "events",
    "finish",
    "get",
    "kick",
    "move",
    "output_of",
    "pause",
    "recover",
    "resume",
    "run_here",
    "submit",
]


def events(id: str, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """What happened since a place, and the place for the next time.

    Args:
        after: 0 for everything, or what an earlier call gave as the next place.

    Raises:
        UsageError: there is no such job.
    """
    return journal.read(rows.get(id).folder, after)
