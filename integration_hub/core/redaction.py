"""Takes secrets out of text that leaves: logs, error texts, kept exchanges."""

from __future__ import annotations

import logging
import re
import traceback
from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
# A shorter secret would blank ordinary words; its field's name still hides it.
SHORTEST = 8
# Of this process only, for the log filter: what sessions were opened with.
MOST_REMEMBERED = 500

_NAMES = (
    r"(?:access_|refresh_|id_)?token|(?:client_|api_?|shared_?)?secret|ident|code|state"
    r"|pass(?:word|wd)?|api_?key|signature|credentials?"
)
_PARAMETER = re.compile(rf"(?i)((?:[?&]|^)(?:{_NAMES})=)[^&\s\"'<>]+")
_HEADER = re.compile(
    r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)"
    r"(['\"]?\s*[:=]\s*['\"]?)(?:(?:basic|bearer)\s+)?[^\s\"',;]+"
)
# Without one of these in it, case folded, a text is not searched for headers.
_HEADER_SIGNS = ("author", "cook", "x-ap")
_BEARER = re.compile(r"(?i)\b(bearer)\s+[A-Za-z0-9._~+/=-]{8,}")
_SECRET_NAMES = _NAMES.replace("|code|state", "")
_JSON = re.compile(rf"(?i)([\"'](?:{_SECRET_NAMES})[\"']\s*:\s*)([\"'])[^\"']*\2")
_XML = re.compile(rf"(?i)(<(?:\w+:)?(?:{_SECRET_NAMES})(?:\s[^>]*)?>)[^<]+")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

_remembered: OrderedDict[str, None] = OrderedDict()


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` without the given secrets and without anything that is named like one.

    Secrets are also found in their URL-encoded forms.
    """
    for secret in secrets:
        if len(secret) < SHORTEST:
            continue
        for form in {secret, quote(secret, safe=""), quote_plus(secret)}:
            text = text.replace(form, MASK)
    if "=" in text:
        text = _PARAMETER.sub(rf"\1{MASK}", text)
    folded = text.casefold()
    if any(sign in folded for sign in _HEADER_SIGNS):
        text = _HEADER.sub(rf"\1\2{MASK}", text)
    if "bearer" in folded:
        text = _BEARER.sub(rf"\1 {MASK}", text)
    if ":" in text:
        text = _JSON.sub(rf"\1\2{MASK}\2", text)
    if "<" in text:
        text = _XML.sub(rf"\1{MASK}", text)
    return text


def remember_secrets(secrets: Iterable[str]) -> None:
    """Let the log filter of this process know ``secrets``, the latest first."""
    for secret in secrets:
        if len(secret) >= SHORTEST:
            _remembered[secret] = None
            _remembered.move_to_end(secret)
    while len(_remembered) > MOST_REMEMBERED:
        _remembered.popitem(last=False)


class RedactingFilter(logging.Filter):
    """Logging filter for handlers: no secret and no e-mail address gets through."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact the message and the traceback in place; keeps every record."""
        record.msg = redact_all(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact_all(record.exc_text)
        if record.stack_info:
            record.stack_info = redact_all(record.stack_info)
        return True


def redact_all(text: str) -> str:
    """``text`` without any secret this process knows and without e-mail addresses."""
    return _EMAIL.sub(MASK, redact(text, list(_remembered)))


def redact_traceback(defect: BaseException) -> str:
    """The whole traceback of an exception, redacted."""
    return redact_all("".join(traceback.format_exception(defect)))
