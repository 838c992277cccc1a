"""个人信息库: minors' personal data, one key a person, every look recorded, erasable.

Events hold ids; what belongs to the ids is here.
"""

from ckbx.vault.access_log import AccessRecord
from ckbx.vault.attachments import (
    MAX_BYTES,
    AttachmentRefused,
    AttachmentTooLarge,
    check_attachment,
)
from ckbx.vault.boxes import Box, rewrapped
from ckbx.vault.engine import create_sqlite_tables, sqlite_engine
from ckbx.vault.erasing import PurgeState
from ckbx.vault.key_files import VaultKeys, note_ref
from ckbx.vault.keyring import store_has_keys
from ckbx.vault.masking import mask_id, mask_phone, short_name
from ckbx.vault.numbers import Number
from ckbx.vault.people import (
    ABSENT_TEXT,
    ERASED_TEXT,
    Access,
    Contact,
    Guardian,
    Identity,
    Mark,
    Marks,
    NewPerson,
    Person,
)
from ckbx.vault.photos import PhotoDamaged, PhotoTooManyPixels, clean_photo
from ckbx.vault.schema import postgres_ddl, postgres_grants, sqlite_ddl
from ckbx.vault.seals import Sealed
from ckbx.vault.vault import ALL_FIELDS, Vault, init_keys

__all__ = [
    "ABSENT_TEXT",
    "ALL_FIELDS",
    "ERASED_TEXT",
    "MAX_BYTES",
    "Access",
    "AccessRecord",
    "AttachmentRefused",
    "AttachmentTooLarge",
    "Box",
    "Contact",
    "Guardian",
    "Identity",
    "Mark",
    "Marks",
    "NewPerson",
    "Number",
    "Person",
    "PhotoDamaged",
    "PhotoTooManyPixels",
    "PurgeState",
    "Sealed",
    "Vault",
    "VaultKeys",
    "check_attachment",
    "clean_photo",
    "create_sqlite_tables",
    "init_keys",
    "mask_id",
    "mask_phone",
    "note_ref",
    "postgres_ddl",
    "postgres_grants",
    "rewrapped",
    "short_name",
    "sqlite_ddl",
    "sqlite_engine",
    "store_has_keys",
]
