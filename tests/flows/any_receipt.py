"""Any receipt that a till could ring up: lines, tenders, VAT, signs, relations."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

Payload = dict[str, Any]

# Goods at 21, 9 and 0 %, weighed goods, services, second-hand goods.
GOODS = (1001, 1050, 2001, 2140, 2150, 2081, 2250, 9081)
# Gift cards for all and for one VAT rate, deposits with and without VAT, trade-in, a
# settled debt, a free bag.
OTHERS = (9001, 9002, 9003, 9011, 9012, 9021, 9041, 9051)
MONEY = ("PIN", "CONTANT", "CREDITCARD", "VVVBON")
TENDERS = (
    *MONEY,
    *MONEY,
    "OPREKENING",
    "CADEAUBON",
    "CADEAUBON21",
    "KORTINGSBON",
    "EIGENGEBRUIK",
    "PRIVE",
    "BREUK",
    "PROMOTIE",
)
METHODS = (
    *["VAT-METHOD-INCLUSIVE"] * 6,
    *["VAT-METHOD-EXCLUSIVE"] * 2,
    "VAT-METHOD-SHIFTED",
    "VAT-METHOD-NONE",
)
# Nobody, companies with and without a VAT number, persons, relations abroad.
RELATIONS = (0, 0, 0, 1001, 1002, 1003, 1004, 1091, 1150, 1201, 1204)
# At least one; sometimes none.
MOSTLY = st.sampled_from((1, 1, 1, 1, 1, 1, 1, 0))
DAYS = tuple(f"2026-10-{day:02}" for day in (1, 5, 5, 5, 9, 31))


def make_line(article: int, quantity: int, price: int, discount: int) -> Payload:
    """One line; an article of deposits, trade-in or debts has its own sign."""
    return {
        "article": article,
        "quantity": quantity,
        "price": -price if article == 9021 else price,
        "discount": discount,
    }


def lines() -> st.SearchStrategy[Payload]:
    """One line of a receipt, sold or returned."""
    return st.builds(
        make_line,
        article=st.one_of(*[st.sampled_from(GOODS)] * 4, st.sampled_from(OTHERS)),
        quantity=st.sampled_from((1, 1, 1, 2, 3, 7, 530, -1, -2)),
        price=st.integers(min_value=0, max_value=20000),
        discount=st.sampled_from((0, 0, 0, 10, 15, 33)),
    )


@st.composite
def receipts(draw: st.DrawFn) -> Payload:
    """What is rung up: the last tender pays what is due, the others any amount."""
    methods = draw(
        st.lists(st.sampled_from(TENDERS), min_size=draw(MOSTLY), max_size=3)
    )
    amounts = st.integers(min_value=-3000, max_value=9000)
    payments: list[Payload] = [
        {"method": method, "amount": draw(amounts)} for method in methods[:-1]
    ]
    payments += [{"method": method} for method in methods[-1:]]
    return {
        "lines": draw(st.lists(lines(), min_size=draw(MOSTLY), max_size=5)),
        "payments": payments,
        "vatMethod": draw(st.sampled_from(METHODS)),
        "relation": draw(st.sampled_from(RELATIONS)),
        "branch": draw(st.sampled_from((1, 2, 3))),
        "date": draw(st.sampled_from(DAYS)),
        "type": draw(
            st.sampled_from(
                ("RECEIPT-TYPE-RECEIPT",) * 5 + ("RECEIPT-TYPE-CREDIT-RECEIPT",)
            )
        ),
        "state": draw(
            st.sampled_from(("RECEIPT-STATE-PAID",) * 8 + ("RECEIPT-STATE-HANDLED",))
        ),
    }


def draw_receipts(count: int, *, number: int) -> list[Payload]:
    """So many receipts; the same number gives the same ones."""
    found: list[Payload] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(receipts())
    def collect(receipt: Payload) -> None:
        found.append(receipt)

    collect()
    return found
