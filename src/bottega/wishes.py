"""What a person may ask of a verb: classes of fields with defaults, bounds and descriptions."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bottega.errors import UsageError
from bottega.language import _
from bottega.parts import nearest

LENGTH = 400
"""Tokens of a text, at most, when nothing else is asked for."""


class Wishes(BaseModel):
    """The base of all settings a person can type.

    Each field has a default, bounds, and a description marked with ``later()``; together they draw the option of the
    command line, the control on the page and the check of what a person types.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


Wish = TypeVar("Wish", bound=Wishes)


def asked(kind: type[Wish], words: dict[str, Any], of: str) -> Wish:
    """The wishes in plain values, when they hold.

    Args:
        of: the verb or operation they are for.

    Raises:
        UsageError: the first one that does not hold.
    """
    try:
        return kind(**words)
    except ValidationError as error:
        first = error.errors()[0]
        word = str(first["loc"][0]) if first["loc"] else ""
        accepted = list(kind.model_fields)
        if first["type"] == "extra_forbidden":
            message = _("“{operation}” has no setting “{word}”; it has: {accepted}.")
            message = message.format(operation=of, word=word, accepted=", ".join(accepted) or "–")
            raise UsageError(message + nearest(word, accepted)) from error
        if first["type"] == "missing":
            message = _("“{operation}” needs --{word}.")
            raise UsageError(message.format(operation=of, word=word.replace("_", "-"))) from error
        why = first.get("ctx", {}).get("error", first["msg"])  # our own words, or pydantic's
        message = _("The setting “{word}” of “{operation}” cannot be “{value}”: {why}.")
        raise UsageError(message.format(word=word, operation=of, value=first["input"], why=why)) from error


def mood_from(value: Any) -> Any:
    """``"0.8,-0.2"`` as (valence, arousal); anything but a text as it is."""
    if not isinstance(value, str):
        return value
    try:
        valence, arousal = map(float, value.replace("，", ",").split(","))
    except ValueError as error:
        raise ValueError(_("a mood is two numbers, valence and arousal, such as 0.8,-0.2")) from error
    return valence, arousal
