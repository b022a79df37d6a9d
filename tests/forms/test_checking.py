import pytest

from bottega.forms import check

STORKS = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
GORGES = "朝辞白帝彩云间\n千里江陵一日还\n两岸猿声啼不住\n轻舟已过万重山"
SPRING = "國破山河在，城春草木深。\n感時花濺淚，恨別鳥驚心。\n烽火連三月，家書抵萬金。\n白頭搔更短，渾欲不勝簪。"
PAIR = "春风大雅能容物\n秋水文章不染尘"
HAIKU = "The old pond is still;\na frog has come to listen.\nThen water answers."
LIMERICK = (
    "A painter who lived by the sea\nhad brushes of nobody's tree;\nhe painted the foam,\n"
    "went singing back home,\nand never had honey for tea."
)


@pytest.mark.parametrize(
    "form, text",
    [
        ("quatrain5", STORKS),
        ("quatrain7", GORGES),
        ("regulated5", SPRING),
        ("couplet", PAIR),
        ("haiku", HAIKU),
        ("limerick", LIMERICK),
    ],
)
def test_good_verse_passes(form, text):
    assert check(form, text) == []


@pytest.mark.parametrize(
    "form, text, fault",
    [
        ("quatrain5", STORKS.replace("更上", "更"), "Line 4 has 4 characters instead of 5."),
        ("quatrain5", STORKS.replace("楼", "台"), "not in one rhyme group: 流 台"),
        ("quatrain5", STORKS.replace("楼", "流"), "A rhyme comes twice: 流 流"),
        ("quatrain5", STORKS.replace("山", "水"), "Line 1, “白日依水尽”, breaks the tone pattern: 仄 仄 平 仄 仄"),
        ("quatrain5", STORKS.replace("更上一层", "欲上青楼"), "Line 4, “欲上青楼楼”, breaks"),  # three level tones
        ("quatrain5", STORKS.replace("黄河", "大河"), "Line 2, “大河入海流”, breaks"),  # a level tone alone
        ("quatrain5", STORKS.replace("黄", "x"), "Line 2: the tables of rhymes do not know “x”."),
        ("quatrain7", "\n".join(GORGES.split("\n")[i] for i in (0, 3, 2, 1)), "breaks the tone pattern"),
        ("couplet", PAIR.replace("尘", "墨"), "Line 2"),
        ("couplet", PAIR + "\n" + PAIR, "The text has 4 lines; couplet has 2."),
        ("haiku", HAIKU.replace("come to", "to"), "Line 2 has 6 syllables instead of 7."),
        ("haiku", HAIKU.replace("pond", "pnod"), "Line 1: nobody knows how “pnod” sounds."),
        ("limerick", LIMERICK.replace("tree", "door"), "Lines 1 and 2 do not rhyme: “sea”, “door”."),
        ("limerick", LIMERICK.replace("for tea", "to see"), "Lines 1 and 5 do not rhyme: “sea”, “see”."),
        ("limerick", LIMERICK.replace("back home", "of foam"), "Lines 3 and 4 do not rhyme: “foam”, “foam”."),
    ],
)
def test_faults_are_named(form, text, fault):
    assert any(fault in sentence for sentence in check(form, text))


def test_haiku_rhyme_when_asked():
    assert check("haiku", HAIKU, rhyme=True) == ["Lines 1 and 3 do not rhyme: “still”, “answers”."]
