"""What is in QuickBooks already: by the search keys of writes, or by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connectors.quickbooks.client import Client, Record, all_concerned
from connectors.quickbooks.targets import balances
from connectors.quickbooks.targets.customers import matches_by_email
from connectors.quickbooks.targets.items import make_sku_query, quote, quote_all
from connectors.quickbooks.targets.numbers import has_mark, looks_like_ours, parse_mark
from connectors.quickbooks.targets.outcomes import choose_item, is_active, read_known
from connectors.writes import Found, Known, Ref, Sighting, Write
from integration_hub.core.errors import RecordError, Rejected

CHUNK = 100
DOCUMENTS = (
    "SalesReceipt",
    "Invoice",
    "RefundReceipt",
    "CreditMemo",
    "Payment",
    "JournalEntry",
)
NUMBER_FIELDS = {"Payment": "PaymentRefNum"}
# The line that QuickBooks puts under the others.
SUB_TOTAL = "SubTotalLineDetail"
# Intuit's codes for a query that is not understood and for a property that cannot be
# searched by; other refusals are not about what is asked for.
NOT_QUERYABLE = "4001"
QUERY_FAULTS = frozenset({"4000", NOT_QUERYABLE})


def find_writes(client: Client, writes: Sequence[Write]) -> dict[Ref, Found]:
    """The hits of these writes; what is not there is not in the answer.

    Questions are not looked up: they are asked again.

    A write whose own search QuickBooks refuses has an error in its hit. Raises
    ConfigError where it refuses them all.
    """
    groups: dict[str, list[Write]] = defaultdict(list)
    for write in writes:
        if write.entity != balances.ENTITY:
            groups[write.entity].append(write)
    found: dict[Ref, Found] = {}
    for entity, members in groups.items():
        for start in range(0, len(members), CHUNK):
            found |= _find_some(client, entity, members[start : start + CHUNK])
    return found


def _find_some(
    client: Client, entity: str, writes: Sequence[Write]
) -> dict[Ref, Found]:
    """The hits of one kind; where the query is refused, they are asked one by one."""
    try:
        return _find_chunk(client, entity, writes)
    except RecordError as error:
        if error.code not in QUERY_FAULTS:
            with all_concerned():
                raise
        if len(writes) == 1:
            return {writes[0].ref: _make_unsearchable(client, writes[0], error)}
    found: dict[Ref, Found] = {}
    for write in writes:
        found |= _find_some(client, entity, [write])
    errors = [hit.error for hit in found.values() if hit.error is not None]
    if len(errors) == len(writes):
        with all_concerned():
            raise errors[0]
    return found


def _make_unsearchable(client: Client, write: Write, refusal: RecordError) -> Found:
    error = Rejected(
        f"{client.system} cannot be asked whether {write.label} is there: its search "
        f"is refused.",
        code=refusal.code,
        reference=write.label,
        action="Correct the name, e-mail address or article number in the till, then "
        "choose Retry.",
        system=client.system,
        exchange=refusal.exchange,
    )
    return Found(Known(""), ours=False, error=error)


def _find_chunk(
    client: Client, entity: str, writes: Sequence[Write]
) -> dict[Ref, Found]:
    if entity == "Item":
        return find_items(client, writes)
    if entity == "Customer":
        return find_customers(client, writes)
    return find_documents(client, entity, writes)


def look_at(
    client: Client, objects: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Record]:
    """The objects as they are now, by (entity, id): one query per entity and 100.

    Without the lines that QuickBooks adds itself.
    """
    by_entity: dict[str, list[str]] = defaultdict(list)
    for entity, target_id in objects:
        if entity != balances.ENTITY:
            by_entity[entity].append(target_id)
    found = {}
    for entity, ids in by_entity.items():
        for start in range(0, len(ids), CHUNK):
            wanted = quote_all(ids[start : start + CHUNK])
            for row in client.query_all(entity, f"Id in ({wanted})"):
                found[entity, str(row.get("Id"))] = _drop_sums(row)
    return found


def _drop_sums(row: Record) -> Record:
    lines = row.get("Line")
    if not isinstance(lines, list):
        return row
    return {**row, "Line": [e for e in lines if e.get("DetailType") != SUB_TOTAL]}


def find_items(client: Client, writes: Sequence[Write]) -> dict[Ref, Found]:
    """Items by SKU; of several with one SKU the oldest."""
    rows = client.query(make_sku_query(sorted({w.search["sku"] for w in writes})))
    found = {}
    for write in writes:
        sku = write.search["sku"].casefold()
        hits = [row for row in rows if str(row.get("Sku", "")).casefold() == sku]
        chosen = choose_item(hits)
        if chosen is not None:
            found[write.ref] = Found(read_known("Item", chosen), ours=True)
    return found


def find_documents(
    client: Client, entity: str, writes: Sequence[Write]
) -> dict[Ref, Found]:
    """Documents by number. A hit is ours if it bears our mark and our date."""
    field = NUMBER_FIELDS.get(entity, "DocNumber")
    numbers = quote_all(sorted({write.number for write in writes}))
    by_number: dict[str, list[Record]] = defaultdict(list)
    for row in client.query_all(entity, f"{field} in ({numbers})"):
        by_number[str(row.get(field, ""))].append(row)
    found = {}
    for write in writes:
        hit = choose_document(write, by_number.get(write.number, []))
        if hit is not None:
            found[write.ref] = hit
    return found


def choose_document(write: Write, rows: Sequence[Record]) -> Found | None:
    """Ours among the hits, else the first; a change of a document only if it was done.

    A correction leaves its trace in the document's total, another update its mark.
    """
    ours = [read_known(write.entity, row) for row in rows if is_ours(write, row)]
    if write.update_of is not None and not write.role.startswith("update:"):
        ours = [known for known in ours if known.total == write.expected_total]
    if ours:
        return Found(ours[0], ours=True)
    if rows and write.update_of is None:
        return Found(read_known(write.entity, rows[0]), ours=False)
    return None


def is_ours(write: Write, row: Record) -> bool:
    """Whether a document bears the write's mark and date."""
    day = write.date.isoformat() if write.date else ""
    note = str(row.get("PrivateNote") or "")
    return write.mark in note and str(row.get("TxnDate") or "") == day


def find_customers(client: Client, writes: Sequence[Write]) -> dict[Ref, Found]:
    """Customers by name and e-mail.

    Ours is one that bears our mark, or the only active one with our e-mail address
    whose kind and name agree. A name that somebody else has is a hit, not ours.
    QuickBooks cannot search by VAT number and masks it on read.
    """
    by_name: dict[str, list[Record]] = defaultdict(list)
    where = f"DisplayName in ({_list_names(writes)})"
    for row in client.query_all("Customer", where, private=True):
        by_name[str(row.get("DisplayName", "")).casefold()].append(row)
    by_email = _query_emails(client, writes)
    found = {}
    for write in writes:
        hit = choose_customer(write, by_name, by_email)
        if hit is not None:
            found[write.ref] = hit
    return found


def choose_customer(
    write: Write,
    by_name: Mapping[str, Sequence[Record]],
    by_email: Mapping[str, Sequence[Record]],
) -> Found | None:
    """The customer that a relation is, or that has its name."""
    email = write.search.get("email", "").casefold()
    mailed = [row for row in by_email.get(email, ()) if is_active(row)] if email else []
    named = [row for name in _names_of(write) for row in by_name.get(name, ())]
    marked = [
        row
        for row in (*named, *mailed)
        if is_active(row) and write.mark in str(row.get("Notes", ""))
    ]
    if marked:
        return Found(read_known("Customer", marked[0]), ours=True)
    if len(mailed) == 1 and matches_by_email(write, mailed[0]):
        return Found(read_known("Customer", mailed[0]), ours=True)
    own_name = _names_of(write)[0]
    taken = by_name.get(own_name, ())
    return Found(read_known("Customer", taken[0]), ours=False) if taken else None


def _names_of(write: Write) -> list[str]:
    names = (write.search["display_name"], write.fallback.get("DisplayName", ""))
    return [str(name).casefold() for name in names if name]


def _list_names(writes: Sequence[Write]) -> str:
    names = {write.search["display_name"] for write in writes}
    names |= {str(write.fallback.get("DisplayName", "")) for write in writes}
    return quote_all(sorted(names - {""}))


def _query_emails(
    client: Client, writes: Sequence[Write]
) -> Mapping[str, Sequence[Record]]:
    """Customers by e-mail address; none where the company cannot search by it."""
    emails = sorted({w.search["email"] for w in writes if w.search.get("email")})
    by_email: dict[str, list[Record]] = defaultdict(list)
    if not emails:
        return by_email
    where = f"PrimaryEmailAddr in ({quote_all(emails)})"
    try:
        for row in client.query_all("Customer", where, private=True):
            address = row.get("PrimaryEmailAddr") or {}
            by_email[str(address.get("Address", "")).casefold()].append(row)
    except RecordError as error:
        if error.code != NOT_QUERYABLE:
            raise
    return by_email


def survey_days(client: Client, start: date, end: date, hub: str) -> Iterator[Sighting]:
    """Every document of these days that bears a mark or a number of our form.

    Only the mark of this ``hub`` makes one ours.

    Raises ConfigError where the query is refused.
    """
    days = (
        f"TxnDate >= {quote(start.isoformat())} and TxnDate <= {quote(end.isoformat())}"
    )
    for entity in DOCUMENTS:
        with all_concerned():
            for row in client.query_all(entity, days):
                known = read_known(entity, row)
                note = str(row.get("PrivateNote") or "")
                if has_mark(note) or looks_like_ours(known.number):
                    day = _day_of(row)
                    yield Sighting(entity, known, parse_mark(note, hub), day)


def _day_of(row: Record) -> date | None:
    try:
        return date.fromisoformat(str(row.get("TxnDate")))
    except ValueError:
        return None
