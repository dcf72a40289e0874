from __future__ import annotations

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe

from dashboard.form_drawing import Drawn

CHOICES = [
    ("", "Any"),
    ("a&b", '<i>"Both"</i>'),
    (mark_safe("safe&amp;sound"), mark_safe("<b>bold</b>")),
    (1200, 1200),
    ("Group & more", [("x", "X"), ("y", "Y")]),
]


@pytest.mark.parametrize(
    ("widget", "value"),
    [
        (forms.Select(choices=CHOICES), ""),
        (forms.Select(choices=CHOICES, attrs={"class": 'a"b', "required": True, "hidden": False}), "y"),
        (forms.Select(choices=()), None),
        (forms.SelectMultiple(choices=CHOICES), ["x", "a&b"]),
        (forms.NullBooleanSelect(), True),
        (forms.TextInput(attrs={"id": "id_q", "placeholder": "<name>", "autofocus": True}), '"shop" & more'),
        (forms.TextInput(), None),
        (forms.TextInput(), mark_safe("shop&amp;more")),
        (forms.HiddenInput(), 7),
        (forms.NumberInput(attrs={"step": "any"}), 0.5),
        (forms.CheckboxInput(), True),
    ],
)
def test_what_is_drawn_is_django_s_own_to_the_letter(widget: forms.Widget, value: object) -> None:
    drawn = widget.render("field<1>", value, renderer=Drawn())
    assert drawn == widget.render("field<1>", value, renderer=DjangoTemplates())
