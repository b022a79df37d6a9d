"""The command line: the verbs, and nothing that the verbs do not do.

Results go to stdout, everything a person follows goes to stderr. Heavy imports are inside the verbs, so that
``bottega --help`` answers at once. Exit codes: 0 done, 1 a fault of Bottega's own, 2 usage, 3 data, 4 interrupted and
saved, 5 out of memory or disk.
"""

from bottega.cli import training, making, changing, judging, queue, library, studio, signing, house  # isort: skip
from bottega.cli.common import app

__all__ = ["app", "changing", "house", "judging", "library", "making", "queue", "signing", "studio", "training"]
