import random

import numpy as np
import pytest

from bottega.forms.spelling import Spellings, running


def words(endless: bool, draw: random.Random) -> list[bytes]:
    if endless:
        return sorted({chr(draw.randrange(0x4E00, 0x4F00)).encode() for _ in range(150)} | {b"\n", "，".encode()})
    return sorted({bytes(draw.choice(b"abc") for _ in range(draw.randrange(1, 6))) for _ in range(150)})


def expected(spellings: list[bytes], data: bytes, endless: bool) -> list[tuple[int, int]] | None:
    """The ranges of spellings that some bytes touch, found by trying all of them."""
    found = []
    while data:
        size = len(data) if not endless else 1 if data[0] < 0x80 else 3
        inside = [n for n, word in enumerate(spellings) if word.startswith(data[:size])]
        if not inside:
            return None
        found.append((inside[0], inside[-1] + 1))
        data = data[size:]
    return found


@pytest.mark.parametrize("endless", [False, True])
def test_tokens_lead_where_their_bytes_lead(endless):
    draw = random.Random(0)
    known = words(endless, draw)
    text = b"".join(draw.choice(known) for _ in range(300))
    pieces = [b"", *{text[i : i + draw.randrange(1, 9)] for i in range(0, 400, 2)}, *(bytes([n]) for n in range(256))]
    spellings = Spellings(known, pieces, endless)
    prefixes = {word[:n] for word in known for n in range(len(word) if endless else len(word) + 1)}
    for prefix in sorted(prefixes)[:120]:
        node = 0
        for byte in prefix:
            node = spellings.child(node, byte)
        steps = spellings.after(node)
        found = {
            token: [(a, b) for a, b in zip(low, high, strict=True) if a >= 0]
            for token, low, high in zip(steps.tokens.tolist(), steps.low.tolist(), steps.high.tolist(), strict=True)
        }
        wanted = {n: expected(known, prefix + piece, endless) for n, piece in enumerate(pieces) if piece}
        assert found == {n: ranges for n, ranges in wanted.items() if ranges}


def test_words_are_complete_where_they_end():
    spellings = Spellings([b"sea", b"seas", b"so"], [b"s"])
    node = 0
    for byte in b"sea":
        node = spellings.child(node, byte)
    assert spellings.ends[node] == 0 and (spellings.low[node], spellings.high[node]) == (0, 2)
    assert spellings.ends[spellings.child(node, ord("s"))] == 1
    assert spellings.child(node, ord("x")) == -1


def test_running_counts():
    assert running(np.array([[True, False, True], [False] * 3])).tolist() == [[0, 1, 1, 2], [0, 0, 0, 0]]
