"""Following a job from another process: its journal, shown like the events of a verb in this one."""

from pathlib import Path
from typing import Any

from bottega.events import Said, Written
from bottega.library.jobs import journal
from bottega.terminal import Watcher


class Follower:
    """Reads what came since the last look and shows it."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self._place = 0

    def catch_up(self, folder: Path) -> None:
        """Shows what is new in the journal of a job; of several reports of progress only the last."""
        found, self._place = journal.read(folder, self._place)
        last = max((i for i, event in enumerate(found) if event["what"] == "progress"), default=-1)
        for i, event in enumerate(found):
            if event["what"] != "progress" or i == last:
                self._show(event)

    def _show(self, event: dict[str, Any]) -> None:
        match event["what"]:
            case "said":
                self.watcher(Said(event["text"]))
            case "written":
                self.watcher(Written(event["number"], event["text"]))
            case "progress" if event["share"] is not None:
                self.watcher.advance(event["share"], event["left"], event["line"], event.get("losses"))
