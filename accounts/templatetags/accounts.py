"""What our templates need beside Django's own."""

from typing import Any

import msgspec
from django import forms, template

register = template.Library()


@register.filter
def json_attribute(value: Any) -> str:
    """A value as JSON for a data attribute: the template escapes it as any other text, so the page needs no script."""
    return msgspec.json.encode(value, enc_hook=dict).decode()


@register.filter
def at_first_error(form: forms.BaseForm) -> forms.BaseForm:
    """The form as it is to be shown: a refused one has the focus in the first field that is wrong."""
    wrong = next((field for field in form.visible_fields() if field.errors), None)
    if wrong is not None:
        for field in form.visible_fields():
            field.field.widget.attrs.pop("autofocus", None)
        wrong.field.widget.attrs["autofocus"] = True
    return form
