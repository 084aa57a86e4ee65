"""Numbers that follow a standard: phones, VAT numbers, EANs; nothing if invalid.

What is valid is left to well-kept libraries. Doc strings are what people read.
"""

from __future__ import annotations

import phonenumbers
from stdnum import ean, get_cc_module
from stdnum.exceptions import ValidationError

from mapping.countries import normalize_country

# Longer texts are none of these; checking them would only cost time.
_LONGEST = 60


def write_phone(text: str, country: object = None) -> str | None:
    """The phone number as +31201234567, nothing if it is none; the country is that of
    numbers written without one.
    """
    if len(text) > _LONGEST:
        return None
    region = normalize_country(country) if isinstance(country, str) else None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def write_vat_number(text: str, country: object = None) -> str | None:
    """The VAT number with its country and without signs, nothing if it is not valid;
    the country is that of numbers written without one.
    """
    number = "".join(each for each in text.upper() if each.isalnum())
    if not 4 <= len(number) <= _LONGEST or not number.isascii():
        return None
    home = normalize_country(country) if isinstance(country, str) else None
    candidates = (normalize_country(number[:2]), home)
    for code in dict.fromkeys(each for each in candidates if each):
        found = _check_vat(number, code)
        if found:
            return found
    return None


def _check_vat(number: str, country: str) -> str | None:
    module = get_cc_module(country, "vat")
    if module is None:
        return None
    try:
        valid = str(module.validate(number))
    except ValidationError:
        return None
    prefix = "EL" if country == "GR" else country
    return valid if valid.startswith(prefix) else prefix + valid


def write_ean(text: str) -> str | None:
    """The EAN or GTIN as digits, nothing if its check digit is wrong."""
    if len(text) > _LONGEST:
        return None
    try:
        return str(ean.validate(text))
    except ValidationError:
        return None
