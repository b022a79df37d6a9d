"""Copies are found however they are set, with the work they come from; chance words are none."""

from collection import verses

from bottega.datasets.passages import Passages
from bottega.evaluation.texts.copies import as_long_as, audit

LONG = "She walks in beauty, like the night of cloudless climes and starry skies"
POEM = "空山新雨后,天气晚来秋。明月松间照,清泉石上流。"


def test_a_copy_is_found_however_it_is_set() -> None:
    works = [*verses(1, 20), f"I read: {LONG}; and all.", POEM]
    texts = ["Something new: SHE WALKS in beauty like\nthe night — of cloudless climes! And so on.", verses(2, 1)[0]]
    found = audit(texts, Passages(works))
    best = found.longest[0]
    assert (best.text, best.units, best.work) == (0, 11, 20)
    assert texts[0][best.begin : best.end] == "SHE WALKS in beauty like\nthe night — of cloudless climes! And"
    begin, end = best.source(works[20])
    assert works[20][begin:end] == "She walks in beauty, like the night of cloudless climes and"
    assert found.copied == 0.5 and found.most == 11
    assert found.share == (best.end - best.begin) / sum(map(len, texts))


def test_ten_chinese_characters_are_a_copy_and_nine_are_none() -> None:
    passages = Passages([*verses(1, 5), POEM])
    assert audit(["空山新雨后，天气晚来秋？"], passages).copied == 1
    nine = audit(["空山新雨后天气晚来。明月"], passages)
    assert nine.copied == 0 and nine.share == 0 and nine.most == 9


def test_passages_of_a_text_add_up_once() -> None:
    passages = Passages([LONG, LONG.upper() + " AND ALL THAT IS"])
    found = audit([LONG, f"{LONG} xyzzy {LONG}"], passages)
    assert 0.9 < found.share <= 1
    assert [copy.units for copy in found.longest] == [13, 13]


def test_a_text_without_a_letter() -> None:
    found = audit(["", "…!", "xyzzy"], Passages([LONG]))
    assert (found.share, found.copied, found.longest, found.most) == (0, 0, [], 0)


def test_human_works_are_cut_to_the_length_of_the_texts() -> None:
    pieces = as_long_as(["x" * 100] * 5, ["a b " * 1000, "  \n"])
    assert len(pieces) == 5 and all(len(piece) == 100 for piece in pieces)
    assert as_long_as(["x" * 100] * 5, verses(1, 3)) != []
    assert as_long_as(["x"], []) == []
