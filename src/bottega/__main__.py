"""``python -m bottega``: the command line, also under ``torchrun -m bottega``."""

from bottega.cli import app

app(prog_name="bottega")
