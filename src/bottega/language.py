"""The words a person reads, in English and Chinese.

The English sentence is the key; ``locale/zh.json`` holds its Chinese. The language is ``BOTTEGA_LANGUAGE`` (``en`` or
``zh``) when set, and the one of the locale otherwise; one program can speak to several people with ``speaking``.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

LANGUAGES = ("en", "zh")
_spoken: ContextVar[str | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Within, in this thread or task, ``code`` (``"en"`` or ``"zh"``) is the language in use."""
    before = _spoken.set(code)
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """The language in use: ``"en"`` or ``"zh"``."""
    if spoken := _spoken.get():
        return spoken
    wished = os.environ.get("BOTTEGA_LANGUAGE") or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "zh" if wished.lower().startswith("zh") else "en"


@cache
def catalogue(code: str) -> dict[str, str]:
    """All translations into one language; empty for English."""
    if code == "en":
        return {}
    return json.loads(resources.files("bottega").joinpath(f"locale/{code}.json").read_text(encoding="utf-8"))


def _(text: str) -> str:
    """The sentence in the language in use. Fill its ``{holes}`` with ``.format`` afterwards."""
    return catalogue(language()).get(text, text)


def later(text: str) -> str:
    """The sentence unchanged: marks one that is kept, and translated with ``_()`` each time it is shown."""
    return text
