"""What our templates need beside Django's own."""

from typing import Any

import msgspec
from django import template

register = template.Library()


@register.filter
def json_attribute(value: Any) -> str:
    """A value as JSON for a data attribute: the template escapes it as any other text, so the page needs no script."""
    return msgspec.json.encode(value, enc_hook=dict).decode()
