"""Rows for tests, made by factory-boy."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import factory
from django.contrib.auth.models import Permission, User
from factory.django import DjangoModelFactory

from connectors.models import Connection
from connectors.plain import to_json
from flows.models import (
    Alert,
    Attempt,
    Envelope,
    EnvelopeMember,
    Flow,
    Integration,
    Link,
    LinkState,
    RecordState,
    Run,
    SyncRecord,
)
from mapping.models import Mapping, ValueMapSet
from tests.fake_connector import make_order


class ConnectionFactory(DjangoModelFactory):
    class Meta:
        model = Connection

    name = factory.Sequence(lambda n: f"Connection {n}")
    connector = "till"
    credentials = {"ident": "me", "secret": "s3cret-of-the-till"}
    status = Connection.Status.OK


class BooksFactory(ConnectionFactory):
    connector = "books"
    credentials = {"client_secret": "s3cret-of-the-books"}


class MappingFactory(DjangoModelFactory):
    class Meta:
        model = Mapping

    name = factory.Sequence(lambda n: f"Mapping {n}")
    source = "till"
    target = "books"
    kind = "order"


class ValueMapSetFactory(DjangoModelFactory):
    class Meta:
        model = ValueMapSet

    name = factory.Sequence(lambda n: f"Maps {n}")


class IntegrationFactory(DjangoModelFactory):
    class Meta:
        model = Integration

    name = factory.Sequence(lambda n: f"Integration {n}")
    source = factory.SubFactory(ConnectionFactory)
    target = factory.SubFactory(BooksFactory)
    value_maps = factory.SubFactory(ValueMapSetFactory)
    defaults = {"tax_code": "5"}
    start_date = date(2026, 1, 1)


class FlowFactory(DjangoModelFactory):
    class Meta:
        model = Flow

    integration = factory.SubFactory(IntegrationFactory)
    name = factory.Sequence(lambda n: f"Flow {n}")
    feed = "receipts"
    mapping = factory.SubFactory(MappingFactory)


class RunFactory(DjangoModelFactory):
    class Meta:
        model = Run

    flow = factory.SubFactory(FlowFactory)
    stage = "finished"


class SyncRecordFactory(DjangoModelFactory):
    class Meta:
        model = SyncRecord

    class Params:
        order = factory.Sequence(lambda n: make_order(str(n)))

    flow = factory.SubFactory(FlowFactory)
    source_id = factory.LazyAttribute(lambda o: o.order.id)
    version = "1"
    number = factory.LazyAttribute(lambda o: o.order.number.text)
    date = factory.LazyAttribute(lambda o: o.order.date)
    branch = "1"
    amount = factory.LazyAttribute(lambda o: o.order.total_incl)
    payload = factory.LazyAttribute(lambda o: json.dumps(to_json(o.order)))
    state = RecordState.SYNCED


class FailedRecordFactory(SyncRecordFactory):
    state = RecordState.FAILED
    reason = "Rejected"
    message = "The books refuse account 12."
    action = "Choose another account."
    fingerprint = "Rejected:610:12"


class EnvelopeFactory(DjangoModelFactory):
    class Meta:
        model = Envelope

    integration = factory.SubFactory(IntegrationFactory)
    state = "done"


class LinkFactory(DjangoModelFactory):
    class Meta:
        model = Link

    integration = factory.SelfAttribute("record.flow.integration")
    record = factory.SubFactory(SyncRecordFactory)
    kind = "order"
    key = factory.SelfAttribute("record.source_id")
    role = "sale"
    entity = "Sale"
    target_id = factory.Sequence(lambda n: f"T{n}")
    number = "S1"
    total = Decimal("12.10")
    state = LinkState.LINKED


class EnvelopeMemberFactory(DjangoModelFactory):
    class Meta:
        model = EnvelopeMember

    envelope = factory.SubFactory(EnvelopeFactory)
    link = factory.SubFactory(LinkFactory)
    position = 0
    operation = "create"
    body = '{"Total":12.10,"Memo":"<script>"}'
    outcome = "created"


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = Attempt

    envelope = factory.SubFactory(EnvelopeFactory)
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    status = 200
    result = "answered"
    remote_id = "tid-1"
    received = '{"Id":"T1"}'


class AlertFactory(DjangoModelFactory):
    class Meta:
        model = Alert

    flow = factory.SubFactory(FlowFactory)
    fingerprint = "Rejected:610:12"
    message = "The books refuse account 12."
    action = "Choose another account."
    records = 1


class StaffFactory(DjangoModelFactory):
    """A person who may come into the admin and has the named permissions only."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    is_staff = True

    @factory.post_generation
    def may(self, create: bool, extracted: list[str] | None) -> None:
        for name in extracted or []:
            app, codename = name.split(".")
            permission = Permission.objects.get(
                content_type__app_label=app, codename=codename
            )
            self.user_permissions.add(permission)
