"""Model fields that are encrypted at rest.

Keys come from ``settings.FIELD_KEYS``, newest first: the first encrypts, all decrypt.
Any text may be a key; one that is no Fernet key is turned into one by HKDF.
"""

from __future__ import annotations

import base64
import binascii
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.expressions import Expression

from integration_hub.core.errors import ConfigError


def encrypt(text: str) -> str:
    """``text`` encrypted with the newest key. Raises ConfigError without keys."""
    return _cipher(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str, *, what: str = "A stored value") -> str:
    """The text behind ``token``; ``what`` names it in the ConfigError raised."""
    try:
        return _cipher(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise ConfigError(
            f"{what} cannot be decrypted with any key in FIELD_KEYS.",
            code="field_keys",
            action="Put the key it was stored with back into FIELD_KEYS, after the "
            "newest, or enter the value again.",
        ) from None


def is_current(token: str) -> bool:
    """Whether ``token`` was made with the newest key."""
    newest = _cipher(tuple(settings.FIELD_KEYS[:1]))
    try:
        newest.decrypt(token.encode())
    except InvalidToken:
        return False
    return True


@lru_cache(maxsize=8)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    usable = [key for key in keys if key]
    if not usable:
        raise ConfigError(
            "FIELD_KEYS is empty, so nothing can be encrypted.",
            code="field_keys",
            action="Set FIELD_KEYS in the environment.",
        )
    return MultiFernet([Fernet(_make_key(key)) for key in usable])


def _make_key(key: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(key.encode())
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) == 32:
        return key.encode()
    derived = HKDF(SHA256(), 32, salt=None, info=b"integration-hub field key")
    return base64.urlsafe_b64encode(derived.derive(key.encode()))


# How a value begins in a dump.
DUMPED = "encrypted:"

if TYPE_CHECKING:
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class EncryptedTextField(_TextField):
    """Text that is encrypted in the database. Only ``isnull`` can be looked up."""

    description = "Encrypted text"

    def from_db_value(
        self, value: str | None, expression: Expression, connection: Any
    ) -> Any:
        """Decrypt. Raises ConfigError when no key fits."""
        return None if value is None else self._load(value)

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt; also what update() and bulk writes give."""
        return None if value is None else encrypt(self._dump(value))

    def get_lookup(self, lookup_name: str) -> Any:
        """Only ``isnull``: equal texts are stored as different tokens."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched.")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """No look inside either."""
        raise FieldError(f"{self.name} is encrypted and cannot be searched.")

    def value_to_string(self, obj: models.Model) -> str:
        """For dumpdata: a dump must not hold what the database hides."""
        return f"{DUMPED}{encrypt(self._dump(self.value_from_object(obj)))}"

    def to_python(self, value: Any) -> Any:
        """The value as it is; one from a dump is decrypted."""
        if isinstance(value, str) and value.startswith(DUMPED):
            return self._load(value.removeprefix(DUMPED))
        return value

    def _decrypt(self, token: str) -> str:
        return decrypt(token, what=f"{self.model.__name__}.{self.name}")

    def _load(self, token: str) -> Any:
        return self._decrypt(token)

    def _dump(self, value: Any) -> str:
        return str(value)


class EncryptedJSONField(EncryptedTextField):
    """JSON that is encrypted in the database. Dates and Decimals become text."""

    description = "Encrypted JSON"
    # django-stubs reads these: any JSON value goes in and comes out.
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def _load(self, token: str) -> Any:
        return json.loads(self._decrypt(token))

    def _dump(self, value: Any) -> str:
        return json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":"))
