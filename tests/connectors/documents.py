"""Hypothesis strategies for the datamodel's documents."""

from __future__ import annotations

from datetime import timedelta, timezone

from hypothesis import strategies as st

from connectors import datamodel as dm

decimals = st.decimals(allow_nan=False, allow_infinity=False, places=None) | (
    st.decimals(min_value=-10_000, max_value=10_000, places=2)
)
texts = st.text(max_size=8)
dates = st.dates()
zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
moments = st.datetimes(timezones=zones).map(lambda moment: moment.replace(fold=0))
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | texts
    | decimals
    | dates
    | moments
    | st.times().map(lambda moment: moment.replace(fold=0))
    | st.floats(allow_nan=False)
    | st.binary(max_size=4)
)
keys = texts | st.sampled_from(["$decimal", "$record", "$date", "$other"])
extras = st.dictionaries(
    keys,
    leaves
    | st.lists(leaves, max_size=2)
    | st.dictionaries(keys, leaves | st.dictionaries(keys, leaves), max_size=2),
    max_size=2,
)

addresses = st.builds(dm.Address, *[texts] * 4)
customers = st.builds(
    dm.Customer,
    id=texts,
    is_company=st.booleans(),
    name=texts,
    email=texts,
    billing=addresses,
    shipping=addresses,
    payment_days=st.none() | st.integers(0, 90),
    extra=extras,
)


def lines_of(sub_lines: st.SearchStrategy[tuple[dm.Line, ...]]) -> st.SearchStrategy:
    """Lines with these sub-lines."""
    return st.builds(
        dm.Line,
        id=texts,
        type=st.sampled_from(dm.LineType),
        article=texts,
        text=texts,
        quantity=decimals,
        amount_incl=decimals,
        amount_excl=decimals,
        vat_code=texts,
        vat_rate=decimals,
        discount=decimals,
        unit_price_incl=st.none() | decimals,
        purchase_price=st.none() | decimals,
        own_use=decimals,
        sub_lines=sub_lines,
        extra=extras,
    )


lines = lines_of(st.lists(lines_of(st.just(())), max_size=1).map(tuple))
tenders = st.builds(
    dm.Tender,
    id=texts,
    method=texts,
    type=st.sampled_from(dm.TenderType),
    amount=decimals,
    date=dates,
    extra=extras,
)
orders = st.builds(
    dm.Order,
    id=texts,
    version=texts,
    type=st.sampled_from(dm.OrderType),
    number=st.none() | st.builds(dm.OrderNumber, *[texts] * 5),
    date=dates,
    entered_at=moments,
    branch=texts,
    entry_branch=texts,
    till=texts,
    country=texts,
    currency=texts,
    vat_method=st.sampled_from(dm.VatMethod),
    total_incl=decimals,
    total_excl=decimals,
    lines=st.lists(lines, max_size=2).map(tuple),
    tenders=st.lists(tenders, max_size=2).map(tuple),
    vat_totals=st.lists(
        st.builds(dm.VatTotal, texts, decimals, decimals, decimals), max_size=2
    ).map(tuple),
    outstanding=decimals,
    final=st.booleans(),
    customer=st.none() | customers,
    extra=extras,
)
documents = orders | customers
