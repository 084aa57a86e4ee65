"""Countries by code and by name, from the Unicode CLDR as Babel has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages
from babel.localedata import exists
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

# Member states by ISO 3166 alpha-2, as the European Union lists them.
EU_MEMBERS = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES"}
    | {"FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU"}
    | {"LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)

# What VAT numbers and habit call countries that ISO 3166 calls otherwise.
_OTHER_CODES = {"EL": "GR", "UK": "GB"}
# What people write and the CLDR does not have among its first names.
_OTHER_NAMES = {
    "HOLLAND": "NL",
    "THE NETHERLANDS": "NL",
    "HOLANDA": "NL",
    "GREAT BRITAIN": "GB",
    "ENGLAND": "GB",
    "ENGELAND": "GB",
    "INGLATERRA": "GB",
    "GROOT-BRITTANNIË": "GB",
    "GRAN BRETAÑA": "GB",
    "CZECH REPUBLIC": "CZ",
    "UNITED STATES OF AMERICA": "US",
    "AMERIKA": "US",
    "TURKEY": "TR",
}
_LANGUAGES = ("en", "nl", "es")
_LONGEST = 60


def normalize_country(text: str) -> str | None:
    """The two-letter code of a country by two- or three-letter code, or by its name in
    English, Dutch, Spanish or its own language; nothing if it is none. EL is GR, UK is
    GB.
    """
    word = text.strip().upper()
    if len(word) == 2 and word.isascii():
        code = _OTHER_CODES.get(word, word)
        return code if code in _known_codes() else None
    if len(word) == 3 and word.isascii():
        return _codes_of_three().get(word)
    # Names only where there may be one: they take a while to gather.
    return _names().get(word) if 2 <= len(word) <= _LONGEST else None


def list_countries() -> list[tuple[str, str]]:
    """What a key that is a country may be, with its name: areas first."""
    areas = [
        ("*", _("any country")),
        ("EU", _("member of the European Union")),
        ("non-EU", _("any other country")),
    ]
    names = Locale.parse(to_locale(get_language() or "en")).territories
    named = [(code, names.get(code, code)) for code in _known_codes()]
    return [*areas, *sorted(named, key=lambda pair: pair[1])]


def is_eu_member(country: str) -> bool:
    """True if the country is a member of the European Union."""
    return normalize_country(country) in EU_MEMBERS


@cache
def _codes_of_three() -> Mapping[str, str]:
    """Alpha-2 by alpha-3, without the union and what ISO 3166 leaves to its users."""
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    return {
        code: found[0]
        for code, found in aliases.items()
        if len(code) == 3 and code.isalpha() and len(found) == 1
        if not _is_free(found[0])
    }


def _is_free(code: str) -> bool:
    # XK is not ISO's, but what everybody calls Kosovo.
    return code in ("AA", "EU", "ZZ") or (code[0] in "QX" and code not in ("QA", "XK"))


@cache
def _known_codes() -> frozenset[str]:
    return frozenset(_codes_of_three().values())


@cache
def _names() -> Mapping[str, str]:
    """Codes by name in capitals; made once per process, in half a second."""
    names: dict[str, str] = {}
    for language, code in _languages():
        name = Locale.parse(language).territories.get(code, "")
        names.setdefault(name.upper(), code)
    return names | _OTHER_NAMES


def _languages() -> Iterator[tuple[str, str]]:
    """Every language that names of a country are known in, with the country."""
    for language in _LANGUAGES:
        yield from ((language, code) for code in sorted(_known_codes()))
    for code in sorted(_known_codes()):
        for language in get_official_languages(code, de_facto=True):
            if exists(language):
                yield language, code
