"""The diary of a run: one JSON object a line, only ever appended to.

A killed process may leave half a line and lines about steps that are taken again after the resume; ``read`` knows both.
"""

import json
import math
from pathlib import Path
from typing import Any

from bottega.errors import UsageError
from bottega.language import _


class Log:
    """Appends records to ``log.jsonl``, and scalars to TensorBoard when asked.

    Raises:
        UsageError: TensorBoard is wished for and not installed.
    """

    def __init__(self, folder: Path, tensorboard: bool = False) -> None:
        path = folder / "log.jsonl"
        whole = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        if not whole:  # the process before was killed while writing
            self._file.write("\n")
        self._board = _tensorboard(folder / "tensorboard") if tensorboard else None

    def write(self, what: str, **record: Any) -> None:
        """Append one record; numbers that are not finite become null."""
        self._file.write(json.dumps({"what": what} | finite(record), ensure_ascii=False) + "\n")
        self._file.flush()

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """Show numbers in TensorBoard."""
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        if self._board is not None:
            self._board.close()


def read(folder: Path) -> list[dict[str, Any]]:
    """The records of a run in order, without those of steps that were taken again after a resume or a roll-back."""
    records: list[dict[str, Any]] = []
    path = folder / "log.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        again = {"started": "step", "rolled_back": "to"}.get(record["what"])
        if again:
            records = [r for r in records if r["what"] != "step" or r["step"] <= record[again]]
        records.append(record)
    return records


def finite(value: Any) -> Any:
    """The same with null for numbers that are none, which JSON does not know."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tensorboard(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UsageError(_("TensorBoard is not installed; install it with: pip install tensorboard")) from error
    return SummaryWriter(str(folder))
