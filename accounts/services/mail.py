"""Mails: plain text, and the same as simple HTML, in the reader's language."""

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

log = logging.getLogger(__name__)


def mail_send(*, template: str, to: str, language: str, context: Mapping[str, Any]) -> None:
    """Render `<template>_subject.txt` and `<template>_message.txt` and send them. Waits for the mail server.

    A mail that cannot be sent is an error in the log and not in the answer: whoever asked for it can ask again, and
    nobody learns from the failure whether there was somebody to write to.
    """
    with translation.override(language):
        known = {**context, "site_name": settings.SITE_NAME}
        subject = " ".join(render_to_string(f"{template}_subject.txt", known).split())
        text = render_to_string(f"{template}_message.txt", known).strip()
        html = render_to_string("email/message.html", {"subject": subject, "parts": _parts(text), **known})
        message = EmailMultiAlternatives(subject, text + "\n", settings.DEFAULT_FROM_EMAIL, [to])
        message.attach_alternative(html, "text/html")
    try:
        message.send()
    except Exception:
        log.exception("a mail could not be sent (%s)", template)


def _parts(text: str) -> list[dict[str, str]]:
    """The paragraphs; one that is but an address is a link. Names stand inside sentences, so none becomes one."""
    paragraphs = [" ".join(part.split("\n")) for part in text.split("\n\n") if part.strip()]
    return [
        {"link": part} if part.startswith(("http://", "https://")) and " " not in part else {"text": part}
        for part in paragraphs
    ]
