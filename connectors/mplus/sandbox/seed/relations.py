"""200 relations: companies with contacts and persons, as shops really keep them.

Some have no e-mail, some share one, some share a name, countries are free text,
VAT numbers pass their check digits, a few are not active any more.
"""

from __future__ import annotations

import random

from connectors.mplus.sandbox.seed.shop import Record

COUNT = 200
ABROAD = 4
COMPANIES = 80
FIRST_NUMBER = 1001
CREATED = "2025-11-10T10:15:00+01:00"

_FIRST_NAMES = (
    "Anna", "Bram", "Carlijn", "Dirk", "Elif", "Floor", "Geert", "Hanneke", "Ilse",
    "Joost", "Karim", "Lieke", "Maarten", "Noor", "Olaf", "Petra", "Quinten", "Rosa",
    "Stijn", "Tess", "Umut", "Vera", "Wouter", "Xandra", "Youssef", "Zoë",
)  # fmt: skip
_LAST_NAMES = (
    "de Vries", "Jansen", "van den Berg", "Bakker", "Visser", "Smit", "Meijer",
    "de Boer", "Mulder", "Bos", "Özdemir", "El Amrani", "Peters", "Hendriks",
    "van Leeuwen", "Dekker", "Brouwer", "'t Hart", "Kok", "Groß", "D'Hondt",
)  # fmt: skip
_TRADES = (
    "Bakkerij", "Bouwbedrijf", "Café", "Drukkerij", "Garage", "Hotel", "Kapsalon",
    "Restaurant", "Schildersbedrijf", "Slagerij", "Bloemen & Planten", "Atelier:",
)  # fmt: skip
_FORMS = ("B.V.", "V.O.F.", "& Zn.", "")
_STREETS = ("Dorpsstraat", "Kerkplein", "Stationsweg", "Havenkade", "Lindelaan")
_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "NL": (("1012 AB", "Amsterdam"), ("3511 CD", "Utrecht"), ("8011 EF", "Zwolle")),
    "BE": (("2000", "Antwerpen"), ("9000", "Gent")),
    "DE": (("47533", "Kleve"), ("20095", "Hamburg")),
}
_ABROAD = (
    ("Zwitserland", "8001", "Zürich", "Uhren Keller AG", ""),
    ("USA", "10001", "New York", "", ""),
    ("United Kingdom", "SW1A 1AA", "London", "Tea & Sons Ltd", ""),
    ("Frankrijk", "75001", "Paris", "Maison Petit SARL", "FR83404833048"),
)
_COUNTRY_TEXTS = {
    "NL": ("Nederland", "NL", "nederland", "", "Netherlands"),
    "BE": ("België", "BE", "Belgie"),
    "DE": ("Duitsland", "DE", "Deutschland"),
}
_PREFIXES = {"NL": "+31 20 ", "BE": "+32 3 ", "DE": "+49 40 "}


def build_relations() -> list[Record]:
    """All relations in order of number; the first 80 are companies, the last four
    live where the VAT of the others' countries is not known."""
    return [
        *(_build_relation(index) for index in range(COUNT)),
        *(_build_abroad(place) for place in range(ABROAD)),
    ]


def _build_relation(index: int) -> Record:
    draw = random.Random(f"relation {index}")  # noqa: S311 - repeatable on purpose
    country = _pick_country(index)
    person = f"{draw.choice(_FIRST_NAMES)} {draw.choice(_LAST_NAMES)}"
    if index in (90, 91):
        person = "Anna Jansen"
    number = FIRST_NUMBER + index
    record: Record = {
        "relationNumber": number,
        "extRelationId": "",
        "syncMarker": index + 1,
        "createTimestamp": CREATED,
        "changeTimestamp": CREATED,
        "active": index % 40 != 39,
        "name": person,
        **_build_address(draw, country),
        "contact": "",
        "telephone": f"{_PREFIXES[country]}{draw.randrange(10**6, 10**7)}",
        "mobile": f"06-{draw.randrange(10**7, 10**8)}" if index % 3 else "",
        "email": _pick_email(index, person),
        "website": "",
        "relationCode": f"R{number}",
        "points": 0,
        "balance": 0,
        "priceGroupNumber": 0,
        "discountPercentage": 0,
        "categoryIds": {"category": [1 if index < COMPANIES else 2]},
        "vatNumber": "",
        "extraText": "",
        "customFieldList": {},
        "contactList": {},
        "companyName": "",
    }
    if index < COMPANIES:
        _turn_into_company(record, index, draw)
    return record


def _build_abroad(place: int) -> Record:
    """A company and a person outside the EU, a company of an odd country, a French
    one whose VAT number is known."""
    country, zipcode, city, company, vat_number = _ABROAD[place]
    record = _build_relation(COUNT + place) | {
        "zipcode": zipcode,
        "city": city,
        "country": country,
        "telephone": "",
        "vatNumber": vat_number,
        "companyName": company,
        "paymentWithinDays": 30,
    }
    for name in ("deliveryAddress", "deliveryZipcode", "deliveryCity"):
        record.pop(name, None)
    record.pop("deliveryCountry", None)
    if company:
        record["contact"], record["name"] = record["name"], company
    return record


def _turn_into_company(record: Record, index: int, draw: random.Random) -> None:
    person, country = record["name"], _pick_country(index)
    family = person.split(" ", 1)[1]
    form = _FORMS[index % len(_FORMS)]
    name = f"{_TRADES[index % len(_TRADES)]} {family} {form}".strip()
    record["name"] = record["companyName"] = name
    record["contact"] = person
    record["paymentWithinDays"] = 14 if index % 2 else 30
    record["commerceNumber"] = str(draw.randrange(10**7, 10**8))
    record["contactList"] = {
        "relation": [{"name": person, "email": record["email"], "telephone": ""}]
    }
    # Every fourth has none, which reverse charge must refuse.
    if index % 4 != 3:
        record["vatNumber"] = make_vat_number(country, draw)
    if index % 5 == 0:
        record["defaultVatMethod"] = "VAT-METHOD-EXCLUSIVE"


def _pick_country(index: int) -> str:
    return {7: "BE", 8: "DE"}.get(index % 10, "NL")


def _build_address(draw: random.Random, country: str) -> Record:
    zipcode, city = draw.choice(_PLACES[country])
    address: Record = {
        "address": f"{draw.choice(_STREETS)} {draw.randrange(1, 200)}",
        "zipcode": zipcode,
        "city": city,
        "country": draw.choice(_COUNTRY_TEXTS[country]),
    }
    if draw.random() < 0.2:
        address["deliveryAddress"] = f"{draw.choice(_STREETS)} 5 achter"
        address["deliveryZipcode"] = zipcode
        address["deliveryCity"] = city
        address["deliveryCountry"] = address["country"]
    return address


def _pick_email(index: int, person: str) -> str:
    if index % 7 == 6:
        return ""
    if index % 16 in (2, 3):
        return f"administratie{index // 16}@example.com"
    plain = "".join(each if each.isalpha() else " " for each in person.lower())
    name = ".".join(plain.encode("ascii", "ignore").decode().split())
    return f"{name}.{index}@example.com"


def make_vat_number(country: str, draw: random.Random) -> str:
    """A made-up VAT number whose check digits are right."""
    if country == "BE":
        base = draw.randrange(10**6, 10**7)
        return f"BE0{base}{97 - base % 97:02d}"
    if country == "DE":
        return _make_german_number(draw)
    while True:
        digits = [draw.randrange(1, 10) for _ in range(8)]
        weighted = sum(d * w for d, w in zip(digits, range(9, 1, -1), strict=True))
        if weighted % 11 != 10:
            return f"NL{''.join(map(str, digits))}{weighted % 11}B01"


def _make_german_number(draw: random.Random) -> str:
    digits = [draw.randrange(1, 10) for _ in range(8)]
    product = 10
    for digit in digits:
        product = 2 * ((digit + product) % 10 or 10) % 11
    return f"DE{''.join(map(str, digits))}{(11 - product) % 10}"
