"""A record told as a person reads it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bottega import editing
from bottega.editing.operation import Operation
from bottega.errors import BottegaError, DataError
from bottega.language import _, later
from bottega.media import kinds
from bottega.origins import searching
from bottega.provenance import credentials, record
from bottega.words import said as labelled

SOURCES = {
    "trainedAlgorithmicMedia": later("made by a program that learned from works"),
    "compositeWithTrainedAlgorithmicMedia": later("made by a program from works that were there"),
}
"""What IPTC's names for where a work comes from mean."""
LONGEST = 200
"""Characters of one thing that a record says; the rest is left to --json."""
MOST_ROWS = 60
TOLD_VERSIONS = ("bottega", "torch", "python")


def origin(file: str | Path) -> dict[str, Any]:
    """The record inside a work.

    Raises:
        DataError: there is none: the work was not made by Bottega, or the record was taken out or is damaged.
        UnreadableWork: the file is no work.
    """
    found = kinds.read_record(Path(file))
    if found is None or "digital_source_type" not in found:
        message = _("{file} carries no record: Bottega did not make it, or another program took the record out.")
        raise DataError(message.format(file=file))
    if not record.holds(found):
        message = _("The record in {file} is damaged, or another program wrote it; nothing in it is followed.")
        raise DataError(message.format(file=file))
    return found


def operation_of(found: dict[str, Any]) -> Operation | None:
    """The operation on works that a record names; None for a work made from nothing, or by an operation unknown here.

    Records of before 0.8 do not say the medium; of several operations of a name, the one with such settings is meant.
    """
    name, given = found.get("operation"), found.get("parameters", {})
    media = [medium for medium, operations in editing.OPERATIONS.items() if name in operations]
    media = [medium for medium in media if given.get("medium", medium) == medium]
    settings = given.get("settings")
    for medium in media:
        operation = editing.find(str(name), medium)
        if isinstance(settings, dict) and settings.keys() <= operation.settings.model_fields.keys():
            return operation
    return None


def ingredients(found: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What a work was made from: the name of the input, the hash of a file or the words themselves, and which.

    Raises:
        DataError: the numbers in the record do not fit together, or its operation is not known.
    """
    operation, given, parents = operation_of(found), found.get("parameters", {}), list(found.get("parents", []))
    counts, words = given.get("inputs"), given.get("said", {})
    if operation is None or not isinstance(counts, dict) or not isinstance(words, dict):
        raise DataError(_("How it was made cannot be followed: its record is damaged, or of another version."))
    total, named = len(parents) + len(words), []
    for one in sorted(operation.inputs, key=lambda one: one.option):
        count = counts.get(one.name, 0)
        named += [one.name] * max(0, min(count, total + 1) if isinstance(count, int) else 0)
    if len(named) != total or not {str(number) for number in range(len(named))} >= words.keys():
        raise DataError(_("How it was made cannot be followed: its record is damaged, or of another version."))
    return [
        (name, str(words[str(number)]), True) if str(number) in words else (name, parents.pop(0), False)
        for number, name in enumerate(named)
    ]


def names(found: dict[str, Any], file: Path) -> dict[str, str]:
    """Names of the works it was made from, by hash, of those that lie beside it."""
    return searching.beside(found.get("parents", []), Path(file))


def told(
    found: dict[str, Any], file: Path | None = None, known: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """A record as pairs of a word and what it says, in the language in use; settings only where they are not the usual
    ones.

    Args:
        file: the work: then its parents are told by their names where they lie beside it, and who signed it.
        known: names of models, collections and works by hash.
    """
    called = {**(names(found, file) if file else {}), **(known or {})}
    rows = [(_("how"), _how(found))]
    if found.get("model"):
        rows.append((_("model"), _named(found["model"], called, found.get("recipe"))))
    if found.get("collection"):
        rows.append((_("learned from"), _named(found["collection"], called)))
    rows += _made_from(found, called)
    rows += _wishes(found)
    measured = _dictionary(found, "measured")
    if measured:
        rows.append(
            (_("measured"), ", ".join(f"{_(_plain(word))} {_plain(value)}" for word, value in measured.items()))
        )
    if versions := found.get("versions"):
        listed = [f"{name} {versions[name]}" for name in TOLD_VERSIONS if name in versions]
        rows.append((_("made with"), _plain(", ".join(listed))))
    source = found.get("digital_source_type")
    rows.append((_("kind of source"), _(SOURCES[source]) if source in SOURCES else _plain(source)))
    rows += _signed(file) if file else []
    if len(rows) > MOST_ROWS:
        rows = [*rows[:MOST_ROWS], ("…", _("{count} more, with --json").format(count=len(rows) - MOST_ROWS))]
    return [(_plain(word), _plain(said)) for word, said in rows]


def _how(found: dict[str, Any]) -> str:
    given, name = found.get("parameters", {}), found.get("operation")
    if name is None:
        return _("kept by its maker")
    if name != "generate":
        operation = operation_of(found)
        said = _("{name}: {what}").format(name=name, what=_(operation.title)) if operation else str(name)
        return _("{what}, number {number}").format(what=said, number=found["index"] + 1) if "index" in found else said
    index, n = given.get("index"), given.get("n")
    if isinstance(index, int) and isinstance(n, int) and n > 1:
        return _("made by a model, number {number} of {n}").format(number=index + 1, n=n)
    return _("made by a model")


def _named(one: str, called: Mapping[str, str], more: str | None = None) -> str:
    """A name, and the beginning of the hash."""
    said = [_plain(called[one])] if one in called else []
    return " · ".join([*said, *([more] if more else []), one[:16]])


def _made_from(found: dict[str, Any], called: Mapping[str, str]) -> list[tuple[str, str]]:
    try:
        used = ingredients(found)
    except (BottegaError, TypeError, ValueError):
        used = [("", parent, False) for parent in found.get("parents", [])]
    inputs = {name for name, _one, _words in used}
    rows = []
    for name, one, words in used:
        said = "“" + _plain(one) + "”" if words else _named(one, called)
        rows.append((_("made from"), f"{_(name)}: {said}" if len(inputs) > 1 else said))
    return rows


def _wishes(found: dict[str, Any]) -> list[tuple[str, str]]:
    """The seed, and what was asked for."""
    given = found.get("parameters", {})
    known = {_("seed"): given.get("seed"), _("class"): given.get("label")}
    operation = operation_of(found)
    usual = {name: field.default for name, field in operation.settings.model_fields.items()} if operation else {}
    asked = {**_dictionary(found, "settings"), **_dictionary(found, "controls")}
    unusual = {labelled(word).lower(): value for word, value in asked.items() if value != usual.get(word, ...)}
    return [(word, _plain(value)) for word, value in {**known, **unusual}.items() if value not in (None, "", [])]


def _dictionary(found: dict[str, Any], word: str) -> dict[str, Any]:
    value = found.get("parameters", {}).get(word)
    return value if isinstance(value, dict) else {}


def _signed(file: Path) -> list[tuple[str, str]]:
    """Who signed a work, where anybody did."""
    try:
        found = credentials.credentials(file)
    except BottegaError as error:
        return [(_("signature"), str(error))]
    return [(_("signature"), found.said)] if found else []


def _plain(value: Any) -> str:
    """What a record says, on one line that no terminal stumbles over."""
    told = f"{value:.4g}" if isinstance(value, float) else ", ".join(map(_plain, value)) if _flat(value) else str(value)
    told = "".join(letter if letter.isprintable() else " " for letter in told[: 2 * LONGEST])
    return told if len(told) <= LONGEST else told[: LONGEST - 1] + "…"


def _flat(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= LONGEST and not any(isinstance(one, list | dict) for one in value)
