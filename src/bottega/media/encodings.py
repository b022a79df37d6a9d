"""Which encoding a text is in: UTF-8 when it can be, then UTF-16, then the one whose reading is the most plausible.

A short Chinese text is valid in GB18030, Big5 and UTF-16 at once; only one of them gives characters that people use.
"""

import codecs
from collections.abc import Iterable
from functools import cache

from bottega.errors import UnreadableWork
from bottega.language import _, later

SAMPLE = 1 << 20
PLAUSIBLE = 0.7  # share of the characters beyond ASCII that must be in use for a text to be Chinese
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, which begins alike
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"\x84\x31\x95\x33": "gb18030",
}
NAMES = {
    **{"utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "utf-32": "UTF-32", "gb18030": "GB18030"},
    **{"utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE", "big5hkscs": "Big5", "cp1252": "Windows-1252"},
}
SIGNATURES = {
    b"%PDF": later("it is a PDF, not a text"),
    b"PK\x03\x04": later("it is a zip or an Office document, not a text"),
    b"\xd0\xcf\x11\xe0": later("it is an old Office document, not a text"),
    b"{\\rtf": later("it is an RTF document, not a plain text"),
    b"\x89PNG": later("it is a picture, not a text"),
    b"\xff\xd8\xff": later("it is a picture, not a text"),
    b"GIF8": later("it is a picture, not a text"),
}
CHINESE = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
WESTERN = frozenset("äöüßÄÖÜéèêëàâáãåçñíìîïóòôõøúùûýœæÉÈÀÁÍÓÚÑÇÅØŒÆ…“”‘’„–—°«»¿¡§·€\xa0")
OFTEN = frozenset(
    "的一是不了人我在有他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起"
    "还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声"
    "全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产"
    "入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王"
    "風花雪夜春秋江雲雨空千里無來時長歸愁夢無這國個們為說會過學對後麼沒還發當開經頭兩樣現將與進實種聲話兒問機給業間電東書員報馬張難"
    "风云归愁梦酒诗歌竹鸟石柳草寒清青玉城楼客君思吟落影孤独深远闲静松泉溪烟霞，。！？、；：“”‘’「」『』《》（）…—·　"
)


@cache
def in_use() -> frozenset[str]:
    """The Chinese characters that people write: the first levels of GB 2312 and Big5, and punctuation."""
    last = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    simplified = bytes(byte for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF) for byte in (lead, trail))
    traditional = bytes(byte for lead in range(0xA4, 0xC7) for trail in last for byte in (lead, trail))
    return frozenset(simplified.decode("gb2312", "ignore") + traditional.decode("big5", "ignore")) | OFTEN


def encoding_of(blocks: Iterable[bytes]) -> str:
    """The encoding of a whole file, read block by block as far as it takes to be sure.

    Returns:
        a codec of Python. Decode with ``errors="replace"``: a few damaged bytes do not hide what a text is in.

    Raises:
        UnreadableWork: with the reason why it is no text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    block = b""
    for number, block in enumerate(blocks):
        if number == 0:
            for mark, codec in BOMS.items():
                if block.startswith(mark):
                    return codec
            for signature, reason in SIGNATURES.items():
                if block.startswith(signature):
                    raise UnreadableWork(_(reason))
            if b"\0" in block[:SAMPLE] or controls(block[:SAMPLE]) > max(2, len(block[:SAMPLE]) // 200):
                return wide(block[:SAMPLE])
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return legacy(block[max(0, error.start - SAMPLE // 2) :][:SAMPLE], first=number == 0)
    if decoder.getstate()[0]:
        return legacy(block[-SAMPLE:], first=False)
    return "utf-8"


def controls(sample: bytes) -> int:
    """How many bytes are control characters that no text holds."""
    return sum(sample.count(byte) for byte in (*range(1, 8), *range(14, 26), 28, 29, 30, 31, 127))


def wide(sample: bytes) -> str:
    """UTF-16 without a mark: each second byte is zero, or the reading is Chinese; other such bytes are no text."""
    sample = sample[: len(sample) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    for codec, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        text = sample.decode(codec, "replace")
        letters = sum(character.isprintable() or character in "\n\r\t\ufeff\u3000" for character in text)
        if text and letters > 0.98 * len(text) and (high > 0.2 * len(text) >= 10 * low or plausible(text)):
            return codec
    raise UnreadableWork(_("it is not a text"))


def legacy(sample: bytes, first: bool) -> str:
    """The encoding of bytes that are not all valid UTF-8.

    Args:
        sample: some of a file; cut at line ends here, so that no character is.
        first: whether it begins where the file begins.
    """
    text = sample.decode("utf-8", "replace")
    damaged, sound = text.count("\ufffd"), sum(character > "\x7f" for character in text)
    if sound - damaged > 20 * damaged or (damaged == 1 and text.endswith("\ufffd") and sound > 1):
        return "utf-8"
    begin, end = 0 if first else sample.find(b"\n") + 1, sample.rfind(b"\n") + 1
    middle = sample[begin:end] if end - begin > len(sample) // 2 else sample
    chinese = [codec for codec in CHINESE if plausible(decoded(middle, codec))]
    if chinese:
        return max(chinese, key=lambda codec: usage(decoded(middle, codec)))
    beyond = [character for character in decoded(middle, "cp1252") if character > "\x7f"]
    if sum(character in WESTERN for character in beyond) >= 0.9 * len(beyond):
        return "cp1252"
    import charset_normalizer

    best = charset_normalizer.from_bytes(middle[: SAMPLE // 4]).best()
    if best is None or best.encoding.startswith("utf"):
        raise UnreadableWork(_("its encoding is not recognised; save it as UTF-8"))
    return best.encoding


def decoded(sample: bytes, codec: str) -> str:
    """Some of a sample, as this encoding reads it: enough to judge it by."""
    return sample[: SAMPLE // 16].decode(codec, "replace")


def usage(text: str) -> tuple[float, float]:
    """How much of the text beyond ASCII are characters in use, and how much are frequent ones, both of 1."""
    beyond = [character for character in text if character > "\x7f"]
    if not beyond:
        return 0.0, 0.0
    used = sum(character in in_use() for character in beyond) / len(beyond)
    often = sum(character in OFTEN for character in beyond) / len(beyond)
    return used + often, often


def plausible(text: str) -> bool:
    """Whether a reading is Chinese that somebody wrote; of a few characters some must be frequent, or all in use."""
    both, often = usage(text)
    beyond = sum(character > "\x7f" for character in text)
    sure = often >= 0.1 or beyond >= 50 or (both - often >= 0.9 and beyond >= 8)
    return both - often >= PLAUSIBLE and sure


def name(codec: str) -> str:
    """An encoding as it is reported, such as "UTF-8", "GB18030" or "Windows-1252"."""
    return NAMES.get(codec) or codec.replace("cp125", "Windows-125").replace("_", "-")
