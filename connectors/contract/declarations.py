"""What a connector declares: fields of its forms, feeds, and how OAuth works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.datamodel import Kind


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a credentials, settings or mapping form.

    ``type`` is text, secret, integer, boolean, choice, date or email; ``choices``
    names a list of ``Connector.choices`` or holds (value, label) pairs. ``leads`` says
    that a connection's setting decides where secrets are sent.
    """

    name: str
    label: str
    type: str = "text"
    required: bool = False
    default: str = ""
    help: str = ""
    choices: str | tuple[tuple[str, str], ...] = ""
    leads: bool = False


@dataclass(frozen=True, slots=True)
class TargetField(Field):
    """A field of the target that rules may fill; ``scope`` says on what.

    Scopes: header, line, tender, customer, item. ``max_length`` 0 means any. ``keeps``
    says that an update can leave a value alone that the field has there; fields that
    do not are written anew with every update.
    """

    scope: str = "header"
    max_length: int = 0
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Composed:
    """What a target puts together itself and no rule may fill, with the reason why."""

    scope: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class NeededColumn:
    """A column of a value map that a row cannot do without, if anything is in it.

    Where ``where`` names another column, only rows that have one of ``values`` there
    need it. ``code`` is that of the MappingError for a row that lacks it, whose
    reference holds the keys that were looked up, parted by colons.
    """

    value_map: str
    column: str
    where: str = ""
    values: frozenset[str] = frozenset()
    code: str = ""

    def is_lacking(self, row: Mapping[str, str]) -> bool:
        """Whether a row, by its columns, is not whole without it."""
        if row.get(self.column) or not any(row.values()):
            return False
        return not self.where or (row.get(self.where) or "") in self.values


@dataclass(frozen=True, slots=True)
class Feed:
    """What a source can be read for, with its own cursor.

    ``overlap`` is how many positions before the cursor are read again each time.
    """

    key: str
    label: str
    kind: Kind
    page_size: int = 100
    overlap: int = 50


@dataclass(frozen=True, slots=True)
class OAuth:
    """OAuth 2 addresses and scopes. Addresses are resolved from ``discovery``.

    ``discovery`` has an address per environment, in which ``{base_url}`` stands for
    the connection's; the setting ``discovery_url`` goes before it.
    ``callback_fields`` are query parameters of the callback that belong to the
    credentials (QuickBooks: realmId). The client id and secret are the credentials
    ``client_id`` and ``client_secret``. ``revoke_as_json`` says how the token is sent
    when it is revoked; the standard is a form.
    """

    discovery: Mapping[str, str]
    scopes: tuple[str, ...]
    callback_fields: tuple[str, ...] = ()
    refresh_lifetime_key: str = "x_refresh_token_expires_in"
    revoke_as_json: bool = False
