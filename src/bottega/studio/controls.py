"""Controls drawn from a schema: a slider where bounds are known, a list where there is a choice, a field otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from bottega.errors import UsageError
from bottega.language import _, later
from bottega.wishes import Wishes
from bottega.words import CHOICES, said

if TYPE_CHECKING:
    from gradio.components import Component

FILES = ("soundfont", "vgg")
"""Settings that name a file of this machine: they stay with the command line, a page does not open files by name."""
RANGES: dict[str, tuple[float, float, float]] = {
    "guidance": (0, 8, 0.1),
    "temperature": (0, 2, 0.05),
    "truncation": (0.1, 1.5, 0.05),
    "top_p": (0.05, 1, 0.05),
    "min_p": (0, 0.5, 0.01),
    "steps": (1, 100, 1),
    "bars": (1, 64, 1),
    "length": (20, 1000, 20),
}
"""From, to and step of sliders whose bounds are open, or so wide that a hand could not set them."""
MOODS = {
    "0,0": later("even"),
    "0.8,0.5": later("cheerful"),
    "0.6,-0.6": later("calm"),
    "-0.6,-0.5": later("sad"),
    "-0.6,0.7": later("tense"),
}
"""Some moods as valence and arousal; others can be typed."""
SUGGESTED: dict[str, dict[str, str]] = {
    "mood": {"": later("any"), **MOODS},
    "meter": {"": later("any"), **{one: one for one in ("4/4", "3/4", "2/4", "6/8")}},
    "key": {"": later("any"), **{one: one for one in ("C", "D", "F", "G", "Bb", "A minor", "D minor", "E minor")}},
}
"""What is offered for settings that are typed; anything else may be typed as well."""
WIDE = 300
"""Steps of a slider beyond which a number is rather typed."""


def controls(
    kind: type[Wishes],
    *,
    given: Mapping[str, Any] | None = None,
    usual: Mapping[str, Any] | None = None,
    classes: Sequence[str] = (),
    leave_out: Iterable[str] = (),
) -> "dict[str, Component]":
    """A control for each setting, in the order of the schema, labelled in the language in use.

    Args:
        kind: the schema.
        given: what was typed before, by name; the schema's default otherwise.
        usual: what a model takes where nothing is said.
        classes: those that ``label`` chooses from; without any, there is no such control.
        leave_out: settings that are asked for in another way.
    """
    given, usual, left = given or {}, usual or {}, {*FILES, *leave_out, *(() if classes else ("label",))}
    return {
        name: control(name, field, given.get(name), usual.get(name), classes)
        for name, field in kind.model_fields.items()
        if name not in left
    }


def control(
    name: str, field: FieldInfo, given: Any = None, usual: Any = None, classes: Sequence[str] = ()
) -> "Component":
    """The control of one setting."""
    import gradio as gr

    at_first = default_of(field, usual)
    value = given if _fits(field, given) else at_first
    told: dict[str, Any] = {
        "label": said(name),
        "info": _(field.description or ""),
        "elem_id": f"set-{name}",
        "elem_classes": "setting",
        "interactive": True,
    }
    type_ = plain_type(field)
    if name == "label":
        return of_class(value, classes, told["info"])
    if type_ is bool:
        return gr.Checkbox(bool(value), **told)
    if get_origin(type_) is Literal:
        return gr.Dropdown([(said(one, CHOICES), one) for one in get_args(type_)], value=value, **told)
    if name == "form" and type_ is str:
        return _form(value, told)
    if type_ in (int, float):
        low, high, step = span(name, field)
        if at_first is not None and low is not None and high is not None and (high - low) / step <= WIDE:
            return gr.Slider(low, high, value, step=step, **told)
        if at_first is None and not field.is_required():  # a field of numbers cannot be left empty
            return gr.Textbox(_typed(value), placeholder=_("as the recipe says"), **told)
        limits = {"minimum": low, "maximum": bounds(field)[1], "precision": 0 if type_ is int else None, "step": step}
        return gr.Number(value, **limits, **told)
    if name in SUGGESTED and type_ is str:
        choices = [(_(said_of_it), one) for one, said_of_it in SUGGESTED[name].items()]
        return gr.Dropdown(choices, value=_typed(value), allow_custom_value=True, **told)
    return gr.Textbox(_typed(value), **told)


def of_class(value: Any, classes: Sequence[str], info: str = "") -> "Component":
    """A class of those that a model knows, or any."""
    import gradio as gr

    choices = [(_("any"), ""), *((one, one) for one in classes)]
    about: dict[str, Any] = {"label": said("label"), "info": info or None, "elem_id": "set-label"}
    return gr.Dropdown(
        choices, value=value if value in classes else "", elem_classes="setting", interactive=True, **about
    )


def _fits(field: FieldInfo, given: Any) -> bool:
    """Whether what was typed before still is of the kind that this control takes."""
    kind = plain_type(field)
    if kind in (int, float):
        return isinstance(given, int | float | str) and not isinstance(given, bool)
    if get_origin(kind) is Literal:
        return given in get_args(kind)
    return isinstance(given, bool) if kind is bool else given is not None


def values(kind: type[Wishes], given: Mapping[str, Any], usual: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What the controls say, without what is as it would be anyway.

    Args:
        given: the values of the controls, by the name of the setting; other names are passed over.
    """
    wishes = {}
    for name, value in given.items():
        field = kind.model_fields.get(name)
        if field is None or name in FILES or value is None or (isinstance(value, str) and not value.strip()):
            continue
        value = _number(name, value) if plain_type(field) in (int, float) else value
        if plain_type(field) is int:
            value = int(value)
        if field.is_required() or value != default_of(field, (usual or {}).get(name)):
            wishes[name] = value
    return wishes


def default_of(field: FieldInfo, usual: Any = None) -> Any:
    """The value when nothing is said: the schema's, or else what the model takes."""
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    return usual if default is None and usual is not None else default


def plain_type(field: FieldInfo) -> Any:
    """``bool``, ``int``, ``float``, a ``Literal``, or ``str`` for everything else."""
    kind = field.annotation
    members = (kind,) if get_origin(kind) in (None, Literal, tuple) else get_args(kind)
    return next((one for one in members if one in (bool, int, float) or get_origin(one) is Literal), str)


def bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Between which numbers a setting may be."""
    found = {word: getattr(rule, word) for rule in field.metadata for word in ("ge", "gt", "le") if hasattr(rule, word)}
    return found.get("ge", found.get("gt")), found.get("le")


def span(name: str, field: FieldInfo) -> tuple[float | None, float | None, float]:
    """From, to and step of a slider."""
    low, high = bounds(field)
    whole = plain_type(field) is int
    if name in RANGES and (high is None or high > RANGES[name][1]):
        start, end, step = RANGES[name]
        return (start if low is None else max(start, low)), end, step
    if low is None or high is None:
        return low, high, 1 if whole else 0.1
    step = 1 if whole else 0.01 if high - low <= 2 else 0.1 if high - low <= 30 else 1
    if any(hasattr(rule, "gt") for rule in field.metadata):
        low += step
    return low, high, step


def _form(value: Any, told: dict[str, Any]) -> "Component":
    """The forms of verse, by what they are."""
    import gradio as gr

    from bottega.forms.catalogue import FORMS

    choices = [(_("none"), ""), *((f"{name} – {_(form.title)}", name) for name, form in FORMS.items())]
    return gr.Dropdown(choices, value=value or "", **told)


def _number(name: str, value: Any) -> float:
    """A number that was typed. Raises UsageError for anything else."""
    try:
        return float(value)
    except ValueError:
        message = _("“{name}” is a number; it is “{value}”.")
        raise UsageError(message.format(name=said(name), value=value)) from None


def _typed(value: Any) -> str:
    """A value as it is typed: ``(0.8, -0.2)`` is ``0.8,-0.2``."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)
