"""Payments on a customer's account: of earlier debts, and of credits on invoices.

How much can be applied is known once the customer's balances are asked for, so these
payments join the plan after the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connectors.datamodel import Line, LineType
from connectors.quickbooks.targets import documents
from connectors.quickbooks.targets.balances import Open, find_open, make_ask
from connectors.quickbooks.targets.numbers import add_suffix, make_mark, make_note
from connectors.quickbooks.targets.options import Options
from connectors.quickbooks.targets.routes import KIND, Receiving
from connectors.quickbooks.targets.settling import Paid, Posting
from connectors.writes import Known, Mapped, Ref, Write

APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's account, and the receipt that changes it.

    ``settling`` and ``day`` say where and when money came for earlier debts.
    """

    mapped: Mapped
    options: Options
    number: str
    customer: Write | None
    settling: Receiving
    day: date
    known: Mapping[Ref, Known]


def plan_account(posting: Posting, account: Account) -> Posting:
    """The posting with what its customer's account needs: questions, then payments.

    Payments that depend on an answer are kept for later until it is there.
    """
    if account.customer is None:
        return posting
    memo = next(
        (d.write for d in posting.documents if d.write.entity == documents.CREDIT_MEMO),
        None,
    )
    asks = list_asks(account, account.customer, memo)
    posting = replace(posting, asks=(*posting.asks, *asks))
    answers = {
        ask.role: find_open(account.known[ask.ref])
        for ask in asks
        if ask.ref in account.known
    }
    invoices = answers.get("balance:Invoice", {})
    payments = settle_debts(account, account.customer, invoices)
    if memo is not None and asks:
        credits = answers.get("balance:CreditMemo", {})
        payments += apply_credit(account, memo, invoices, credits)
    refs = tuple(ask.ref for ask in asks)
    payments = [
        replace(paid, write=replace(paid.write, needs=(*paid.write.needs, *refs)))
        for paid in payments
    ]
    if len(answers) < len(asks):
        return replace(posting, is_asking=True, later=(*posting.later, *payments))
    return replace(posting, payments=(*posting.payments, *payments))


def list_asks(
    account: Account, customer: Write, memo: Write | None
) -> tuple[Write, ...]:
    """What has to be asked for: the invoices that are named, and our own credit.

    A company may have applied the credit itself, so that nothing of it is left.
    """
    order, options = account.mapped.document, account.options
    if memo is None:
        names = [line.settles for line in list_settled(account) if line.settles]
        if not names:
            return ()
        return (
            make_ask(
                order.id,
                documents.INVOICE,
                names,
                customer=customer.ref,
                options=options,
            ),
        )
    if not order.credits:
        return ()
    wanted = ((documents.INVOICE, order.credits), (documents.CREDIT_MEMO, order.id))
    return tuple(
        make_ask(
            order.id,
            entity,
            [name],
            customer=customer.ref,
            needs=[memo.ref],
            options=options,
        )
        for entity, name in wanted
    )


def list_settled(account: Account) -> list[Line]:
    """The lines that settle earlier debts."""
    return [
        line
        for line in account.mapped.document.lines
        if line.type == LineType.SETTLEMENT and line.amount_incl
    ]


def settle_debts(
    account: Account, customer: Write, invoices: Mapping[str, Open]
) -> list[Paid]:
    """A Payment per line: on the invoice that it names, where enough of it is open."""
    left = {name: each.balance for name, each in invoices.items()}
    payments = []
    for place, line in enumerate(list_settled(account), start=1):
        links: list[tuple[Decimal, Ref | str, str]] = []
        amount = line.amount_incl
        if left.get(line.settles, Decimal(0)) >= amount:
            left[line.settles] -= amount
            target = invoices[line.settles].id
            links.append((amount, target, documents.INVOICE))
        write = make_payment_write(
            account, customer, amount, links, role=f"settlement:{line.id}", place=place
        )
        payments.append(Paid(write, applied=bool(links)))
    return payments


def apply_credit(
    account: Account,
    memo: Write,
    invoices: Mapping[str, Open],
    credits: Mapping[str, Open],
) -> list[Paid]:
    """A Payment of 0.00 that links the credit to what it credits; none if it cannot.

    What was applied once stays in the plan, and so does what is not asked yet.
    """
    order = account.mapped.document
    invoice, credit = invoices.get(order.credits), credits.get(order.id)
    asked = Ref(KIND, order.id, "balance:CreditMemo") in account.known
    stays = not asked or Ref(KIND, order.id, APPLY) in account.known
    amount = min(invoice.balance, credit.balance) if invoice and credit else Decimal(0)
    if account.customer is None or (amount <= 0 and not stays):
        return []
    links: list[tuple[Decimal, Ref | str, str]] = []
    if invoice and amount > 0:
        links = [
            (amount, invoice.id, documents.INVOICE),
            (amount, memo.ref, documents.CREDIT_MEMO),
        ]
    write = make_payment_write(
        account, account.customer, Decimal(0), links, role=APPLY, place=0
    )
    return [Paid(write, applied=True)]


def make_payment_write(
    account: Account,
    customer: Write,
    amount: Decimal,
    links: list[tuple[Decimal, Ref | str, str]],
    *,
    role: str,
    place: int,
) -> Write:
    """A Payment of the customer; one of 0.00 comes into no account."""
    order = account.mapped.document
    suffix = f"-s{place}" if place else "-a"
    number = add_suffix(account.number, account.options.copy + suffix)
    mark = make_mark(account.options.hub, Ref(KIND, order.id, role))
    day = account.day if place else order.date
    printed = order.number.text if order.number else ""
    head = documents.make_payment_head(
        number=number, day=day, currency=order.currency, note=make_note(mark, printed)
    )
    if place:
        settling = account.settling
        head |= documents.make_receiving(settling.account, settling.method)
    needs = [ref for _amount, ref, _entity in links if isinstance(ref, Ref)]
    return Write(
        kind=KIND,
        key=order.id,
        role=role,
        entity=documents.PAYMENT,
        body=documents.make_payment(
            amount, links, customer={"value": customer.ref}, head=head
        ),
        number=number,
        needs=(customer.ref, *needs),
        search={"number": number, "date": day.isoformat()},
        mark=mark,
        expected_total=amount,
        date=day,
        label=f"Payment {number}",
    )
