"""Catalogues of the parts a recipe can name: found by name, loaded when first used, built with checked numbers."""

import difflib
import importlib
import inspect
from typing import Any

from bottega.errors import UsageError
from bottega.language import _


def nearest(word: str, words: list[str]) -> str:
    """``' Did you mean "x"?'``, or nothing when no word is near."""
    found = difflib.get_close_matches(word, words, n=1)
    return " " + _("Did you mean “{word}”?").format(word=found[0]) if found else ""


class Catalogue:
    """Names and where their classes live (``"module:Class"``).

    Args:
        kind: what the parts are, for messages: ``"network"``, ``"objective"``.
        places: name to place.
    """

    def __init__(self, kind: str, places: dict[str, str]) -> None:
        self.kind, self.places = kind, places

    def find(self, name: str) -> type:
        """The class of that name. Raises UsageError for an unknown one."""
        if name not in self.places:
            message = _("There is no {kind} “{name}”.").format(kind=_(self.kind), name=name)
            raise UsageError(message + nearest(name, list(self.places)))
        module, attribute = self.places[name].split(":")
        return getattr(importlib.import_module(module), attribute)

    def build(self, name: str, numbers: dict[str, Any], **given: Any) -> Any:
        """An instance from what the recipe says (``numbers``) and what the code knows (``given``).

        Raises UsageError for a number that the part does not take.
        """
        cls = self.find(name)
        accepted = [word for word in inspect.signature(cls).parameters if word not in given]
        for word in numbers:
            if word not in accepted:
                message = _("The {kind} “{name}” has no setting “{word}”; it has: {accepted}.").format(
                    kind=_(self.kind), name=name, word=word, accepted=", ".join(accepted)
                )
                raise UsageError(message + nearest(word, accepted))
        try:
            return cls(**given, **numbers)
        except (TypeError, ValueError) as error:
            message = _("The {kind} “{name}” cannot be built from its settings: {error}")
            raise UsageError(message.format(kind=_(self.kind), name=name, error=error)) from error
