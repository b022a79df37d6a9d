"""Forms of verse, kept exactly while a model writes: what cannot be finished in form is never begun.

``FORMS`` lists them; ``build`` makes the constraint that one text keeps; ``check`` reads a finished text anew and says
what is wrong with it; ``lexicon`` gathers the words of the training texts, which English forms are written with.
"""

from bottega.forms.catalogue import FORMS, Form, find
from bottega.forms.checking import check
from bottega.forms.writing import build, lexicon

__all__ = ["FORMS", "Form", "build", "check", "find", "lexicon"]
