"""Controls are drawn from the schemas, and what they say becomes wishes again."""

import gradio as gr
import pytest

from bottega import editing
from bottega.crafts.schemas import MAKINGS, PREPARATIONS, ImageMaking, ScoreMaking, TextMaking
from bottega.editing.patchwork.vary import VARY
from bottega.errors import UsageError
from bottega.language import speaking
from bottega.studio.controls import FILES, controls, values
from bottega.wishes import asked
from bottega.words import INPUTS, SETTINGS

OPERATIONS = [editing.find(name, medium) for medium, each in editing.OPERATIONS.items() for name in each]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.medium}-{one.name}")
def test_controls_left_alone_are_the_defaults(operation) -> None:
    drawn = controls(operation.settings, classes=["rose"])
    said = values(operation.settings, {name: one.value for name, one in drawn.items()})
    required = {name for name, field in operation.settings.model_fields.items() if field.is_required()}
    assert set(said) <= required
    assert set(drawn) == set(operation.settings.model_fields) - set(FILES)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.medium}-{one.name}")
def test_sliders_stay_within_what_is_accepted(operation) -> None:
    for name, one in controls(operation.settings).items():
        if isinstance(one, gr.Slider):
            for end in (one.minimum, one.maximum):
                given = {word: 1 for word, field in operation.settings.model_fields.items() if field.is_required()}
                asked(operation.settings, {**given, **values(operation.settings, {name: end})}, operation.name)


def test_every_setting_and_input_has_a_word() -> None:
    kinds = [*(one.settings for one in OPERATIONS), *MAKINGS.values(), *PREPARATIONS.values()]
    assert {name for kind in kinds for name in kind.model_fields} - set(FILES) <= set(SETTINGS)
    assert {one.name for operation in OPERATIONS for one in operation.inputs} <= set(INPUTS)


def test_labels_speak_the_language_in_use() -> None:
    with speaking("zh"):
        assert "0" in (controls(VARY.settings)["distance"].info or "")
        assert "near" not in controls(VARY.settings)["distance"].info


def test_a_model_shows_what_it_takes_when_nothing_is_said() -> None:
    usual = {"guidance": 2.0}
    drawn = controls(ImageMaking, usual=usual)["guidance"]
    assert isinstance(drawn, gr.Slider)
    assert drawn.value == 2.0
    assert values(ImageMaking, {"guidance": 2.0}, usual) == {}
    assert values(ImageMaking, {"guidance": 3.0}, usual) == {"guidance": 3.0}


def test_a_class_is_chosen_where_there_are_classes() -> None:
    assert "label" not in controls(VARY.settings)
    kind = editing.find("variations", "image").settings
    assert "label" not in controls(kind)
    assert [value for _word, value in controls(kind, classes=["rose", "tulip"])["label"].choices] == [
        "",
        "rose",
        "tulip",
    ]


def test_what_was_typed_comes_back() -> None:
    assert controls(VARY.settings, given={"distance": 0.2})["distance"].value == 0.2


def test_empty_fields_say_nothing_and_words_are_no_numbers() -> None:
    assert values(TextMaking, {"temperature": "", "prompt": " ", "form": ""}) == {}
    assert values(ScoreMaking, {"tempo": "90", "mood": "0.8,-0.2"}) == {"tempo": 90.0, "mood": "0.8,-0.2"}
    with pytest.raises(UsageError, match="Tempo"):
        values(ScoreMaking, {"tempo": "fast"})


def test_files_of_this_machine_are_not_named_on_the_page() -> None:
    assert "soundfont" not in controls(ScoreMaking)
    assert values(ScoreMaking, {"soundfont": "/etc/passwd"}) == {}
