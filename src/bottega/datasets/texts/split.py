"""Which texts are held out: whole works, or the end of each where there are too few."""

import numpy as np

from bottega.datasets.split import hold_out
from bottega.datasets.texts.cache import TextFile

SHARE = 0.9  # of a work that is trained on where its end is held out
MOST_HELD = 2_000_000  # characters of one work
FEW, LONG = 10, 2_000  # fewer works than this, of so many characters on average: their ends are held out
NEITHER, TRAIN, HELD_OUT = 0, 1, 2


def works_of(rows: np.ndarray) -> np.ndarray:
    """The number of each row's work, int64 ``(N,)``: a long work has several rows."""
    return np.cumsum(np.append(False, ~rows["goes_on"][:-1])) if len(rows) else np.empty(0, np.int64)


def few_but_long(rows: np.ndarray) -> bool:
    """Whether the end of each work is held out, rather than some works."""
    count = int((~rows["goes_on"]).sum())
    return count == 1 or (count < FEW and int(rows["characters"].sum()) >= LONG * count)


def split_works(rows: np.ndarray, digests: np.ndarray, groups: np.ndarray) -> None:
    """Set the ``side`` of each row by the content of its work; near-duplicates stay on one side."""
    works = works_of(rows)
    _names, groups = np.unique(groups, return_inverse=True)
    for work in np.unique(works[rows["goes_on"]]).tolist():  # the rows of one work stay together
        together = np.unique(groups[works == work])
        groups[np.isin(groups, together)] = together[0]
    rows["side"] = np.where(hold_out(digests, groups), HELD_OUT, TRAIN)


def split_ends(rows: np.ndarray, digests: np.ndarray, groups: np.ndarray, text: TextFile) -> np.ndarray:
    """The rows with the last tenth of each work held out, which parts the row it begins in.

    Of works that nearly repeat each other one is used and the others are on neither side.
    """
    works = works_of(rows)
    parted: list[np.ndarray] = []
    seen: set[int] = set()
    order = sorted(range(works[-1] + 1), key=lambda work: digests[works == work].tolist())
    repeated = set()
    for work in order:
        own = set(groups[works == work].tolist())
        if own & seen:
            repeated.add(work)
        seen |= own
    for work in range(works[-1] + 1):
        mine = rows[works == work]
        total = int(mine["characters"].sum())
        if work in repeated:
            mine["side"] = NEITHER
        elif total < LONG and len(order) > 1:
            mine["side"] = TRAIN
        else:
            mine = with_end(mine, max(int(total * SHARE), total - MOST_HELD), text)
        parted.append(mine)
    return np.concatenate(parted)


def with_end(rows: np.ndarray, cut: int, text: TextFile) -> np.ndarray:
    """The rows of one work, trained on up to its character number ``cut`` and held out from there."""
    ends = np.cumsum(rows["characters"], dtype=np.int64)
    rows["side"] = np.where(ends <= cut, TRAIN, HELD_OUT)
    place = int(np.searchsorted(ends, cut, side="right"))
    before = cut - int(ends[place] - rows["characters"][place])
    if before == 0:
        return rows
    row = rows[place]
    head = text(row["begin"], row["end"])[:before]
    both = np.repeat(rows[place : place + 1], 2)
    both["side"] = TRAIN, HELD_OUT
    both["end"][0] = both["target_end"][0] = both["begin"][1] = row["begin"] + len(head.encode())
    both["characters"] = before, row["characters"] - before
    both["line"][1] += head.count("\n")
    both["goes_on"][0] = True
    return np.concatenate([rows[:place], both, rows[place + 1 :]])
