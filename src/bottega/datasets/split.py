"""Which works are held out: decided by their content, so that neither names nor order nor luck moves them."""

import numpy as np

SHARE = 0.1
MOST = 2_000


def hold_out(digests: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Choose the held-out rows: a tenth, at least 1 and at most 2,000, and never all.

    Near-duplicates stay on one side, unless all works are near-duplicates of each other.

    Args:
        digests: bytes ``(N,)`` ("S32"), the hash of each work's content; N at least 2.
        groups: int64 ``(N,)``, a number for each group of near-duplicates.

    Returns:
        bool ``(N,)``.
    """
    total = len(digests)
    wanted = min(max(1, round(total * SHARE)), MOST, total - 1)
    order = np.argsort(digests, kind="stable")
    names, first, members = np.unique(groups[order], return_index=True, return_counts=True)
    by_content = np.argsort(first)  # a group stands where the smallest of its digests stands
    chosen, room = [], wanted
    for name, size in zip(names[by_content], members[by_content], strict=True):
        if size <= room:
            chosen.append(name)
            room -= size
    if not chosen:
        smallest = by_content[np.argmin(members[by_content])]
        if members[smallest] <= min(total // 2, MOST):
            chosen.append(names[smallest])
    if chosen:
        return np.isin(groups, chosen)
    held = np.zeros(total, bool)
    held[order[:wanted]] = True
    return held
