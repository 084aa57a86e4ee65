"""Selecting relations, products, article groups, employees and payment methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.mplus.sandbox.seed.shop import build_payment_methods
from connectors.mplus.sandbox.selection import limit_page, read_texts
from connectors.mplus.sandbox.store import Store
from connectors.sandbox.switches import Switches

Record = dict[str, Any]
Request = Mapping[str, Any]

_SEARCHED = (
    "extRelationId",
    "name",
    "address",
    "zipcode",
    "city",
    "country",
    "deliveryAddress",
    "deliveryZipcode",
    "deliveryCity",
    "deliveryCountry",
    "contact",
    "telephone",
    "mobile",
    "email",
    "website",
    "relationCode",
    "birthDate",
    "cardNumber",
    "bankAccountNumber",
    "vatNumber",
    "commerceNumber",
    "companyName",
)


def select_relations(
    relations: Mapping[int, Record], request: Request, *, switches: Switches
) -> list[Record]:
    """A page of relations, lowest sync marker first."""
    start = request.get("syncMarker") or 0
    numbers = frozenset(request.get("relationNumbers", ()))
    category = request.get("categoryId")
    found = [
        each
        for each in relations.values()
        if each["syncMarker"] >= start
        and (not numbers or each["relationNumber"] in numbers)
        and (not category or category in each["categoryIds"]["category"])
    ]
    found.sort(key=lambda each: int(each["syncMarker"]))
    return found[: limit_page(request, switches)]


def find_relation(
    relations: Iterable[Record], wanted: Request, *, exact: bool
) -> Record | None:
    """The first relation, by number, for which every given field matches.

    Text matches in part and without regard to case, unless ``exact``.
    """
    number = wanted.get("relationNumber")
    texts = {name: str(wanted[name]) for name in _SEARCHED if wanted.get(name)}
    if not number and not texts:
        return None
    for each in sorted(relations, key=lambda each: int(each["relationNumber"])):
        if number and each["relationNumber"] != number:
            continue
        if all(_matches(each, name, text, exact) for name, text in texts.items()):
            return each
    return None


def _matches(relation: Record, name: str, text: str, exact: bool) -> bool:
    value = str(relation.get(name, "")).lower()
    return value == text.lower() if exact else text.lower() in value


def select_products(
    products: Iterable[Record], request: Request, *, switches: Switches
) -> list[Record]:
    """A page of products; the limit counts articles, and the first product is given
    whole (the vendor's release notes)."""
    start = request.get("syncMarker") or 0
    limit = limit_page(request, switches)
    page: list[Record] = []
    count = 0
    for product in products:
        if product["syncMarker"] < start or not _wants_product(product, request):
            continue
        chosen = _choose_articles(product, request)
        size = len(chosen["articleList"]["article"])
        if not size:
            continue
        if page and count + size > limit:
            break
        page.append(chosen)
        count += size
    return page


def _wants_product(product: Record, request: Request) -> bool:
    numbers = request.get("productNumbers")
    groups = request.get("groupNumbers")
    if numbers and product["productNumber"] not in numbers:
        return False
    return not groups or bool(set(groups) & set(product["groupNumbers"]))


def _choose_articles(product: Record, request: Request) -> Record:
    numbers = frozenset(request.get("articleNumbers", ()))
    plus = frozenset(read_texts(request.get("pluNumbers")))
    articles = product["articleList"]["article"]
    chosen = [
        each
        for each in articles
        if (not numbers or each["articleNumber"] in numbers)
        and (not plus or each["pluNumber"] in plus)
        and (not request.get("onlyWebshop") or each["webshop"])
        and (not request.get("onlyActive") or each["active"])
    ]
    if chosen and request.get("includeAllArticlesOfSelectedProducts"):
        chosen = articles
    return product | {"articleList": {"article": chosen}}


def select_article_groups(
    store: Store, request: Request, *, switches: Switches
) -> list[Record]:
    """Top groups with their subgroups; with a sync marker also whether deleted."""
    start = request.get("syncMarker")
    numbers = request.get("groupNumbers")
    found = [
        _show_group(store, group, request)
        for group in store.article_groups
        if group["syncMarker"] >= (start or 0)
        and (not numbers or group["groupNumber"] in numbers)
    ]
    return found[: limit_page(request, switches)]


def _show_group(store: Store, group: Record, request: Request) -> Record:
    number = group["groupNumber"]
    mine = [each for each in store.products if number in each["groupNumbers"]]
    shown = dict(group)
    shown["productNumbers"] = {"number": [each["productNumber"] for each in mine]}
    if request.get("retrieveArticleNumbers"):
        articles = [a for each in mine for a in each["articleList"]["article"]]
        shown["articleNumbers"] = {"number": [a["articleNumber"] for a in articles]}
    if request.get("syncMarker") is not None:
        shown["isDeleted"] = False
    subgroups = [
        _show_group(store, each, request)
        for each in group["subGroupList"]["articleGroups"]
    ]
    return shown | {"subGroupList": {"articleGroups": subgroups}}


def select_employees(
    employees: Iterable[Record], request: Request, *, switches: Switches
) -> list[Record]:
    """A page of employees."""
    start = request.get("syncMarker") or 0
    numbers = request.get("employeeNumbers")
    found = [
        each
        for each in employees
        if each["syncMarker"] >= start
        and (not numbers or each["employeeNumber"] in numbers)
    ]
    return found[: limit_page(request, switches)]


def select_payment_methods(request: Request) -> list[Record]:
    """The payment methods, with what is configured for some when it is asked for."""
    types = request.get("paymentMethodTypes")
    account = request.get("accountNumber")
    hidden = {
        name
        for name, flag in (
            ("bpeConfiguration", "includeBpeConfiguration"),
            ("giftcardType", "includeGiftcardType"),
        )
        if not request.get(flag)
    }
    return [
        {name: value for name, value in method.items() if name not in hidden}
        for method in build_payment_methods()
        if (not types or method["type"] in types)
        and (not account or method["accountNumber"] == account)
    ]
