"""Real places stay inside: in what leaves the studio the folder of this start is a word, and only that word leads back.

Gradio names files by their paths. The veil replaces the path of the folder by an opaque word in every answer, and puts
it back in requests, after it has looked whether what is asked for lies in the folder.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote


class Refused(Exception):
    """A request named a file that is not the page's."""


class Veil:
    """The word for one folder.

    Attributes:
        word: what the folder is called outside, such as ``/files-1f0c9a3e``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.word = f"/files-{secrets.token_hex(4)}"
        real = str(self.folder)
        written = {
            real,
            quote(real),
            quote(real, safe=""),
            json.dumps(real)[1:-1],
            json.dumps(real, ensure_ascii=False)[1:-1],
        }
        self.spellings = sorted((spelling.encode() for spelling in written), key=len, reverse=True)

    def hide(self, text: bytes) -> bytes:
        """A text with the word in place of the folder."""
        for spelling in self.spellings:
            text = text.replace(spelling, self.word.encode())
        return text

    def undecided(self, text: bytes) -> int:
        """How many of the last bytes may be the beginning of the folder's path: they wait for what follows."""
        longest = min(len(text), max(map(len, self.spellings)) - 1)
        for count in range(longest, 0, -1):
            if any(spelling.startswith(text[-count:]) for spelling in self.spellings):
                return count
        return 0

    def find(self, name: str) -> Path:
        """The file that a name beginning with the word means.

        Raises:
            Refused: it is no such name, or leads out of the folder, also by a link.
        """
        if not name.startswith(self.word + "/"):
            raise Refused
        parts = name[len(self.word) + 1 :].split("/")
        odd = any(part in ("", ".", "..") or part.startswith(".") for part in parts)
        if odd or "\0" in name or (os.sep != "\\" and "\\" in name):
            raise Refused
        path = self.folder.joinpath(*parts)
        try:
            resolved = path.resolve()
        except (OSError, ValueError):  # too long, or a link that leads to itself
            raise Refused from None
        if resolved != path or not resolved.is_relative_to(self.folder):
            raise Refused
        return path

    def show(self, given: Any) -> Any:
        """What a page sent (JSON), with the real paths of its own files.

        Raises:
            Refused: something in it names any other file or an address in the net.
        """
        if isinstance(given, dict):
            path = given.get("path")
            if isinstance(path, str) and path and not path.startswith(self.word + "/"):
                raise Refused
            return {name: self.show(value) for name, value in given.items()}
        if isinstance(given, list):
            return [self.show(value) for value in given]
        if isinstance(given, str) and given.startswith(self.word + "/"):
            return str(self.find(given))
        return given
