"""The one schema, as SQLAlchemy Core tables for SQLite, MariaDB/MySQL and PostgreSQL.

Plain column types only (integers, text, blobs), so that drivers need no result processing.  Times are 64-bit
integers: ``*_at`` columns are milliseconds since 1970 UTC, calendar extents are seconds since 1970 UTC.
Booleans are 0 or 1.  Text is full Unicode (utf8mb4, compared by code point).  Lists never touch rows that hold
bodies: these stand in ``object_body``.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

metadata: Final = sa.MetaData()

# MariaDB and MySQL must be told: full Unicode, compared by code point.  Their utf8mb4_bin ignores trailing spaces,
# so that "anna" could sign in as "anna "; these collations do not.
_TABLE: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
    "mysql_row_format": "DYNAMIC",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_nopad_bin",
    "mariadb_row_format": "DYNAMIC",
}
_Id: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_Body: Final = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")
_Text: Final = (
    sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb").with_variant(sa.Text(collation="C"), "postgresql")
)


def _string(length: int) -> sa.String:
    """Text of so many code points; PostgreSQL, too, compares it by code point."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


collection: Final = sa.Table(
    "collection",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("owner", _string(255), nullable=False),
    sa.Column("kind", _string(16), nullable=False),  # store.records.Kind
    sa.Column("name", _string(255), nullable=False),  # resource name; for files a path such as "a/b"
    sa.Column("properties", _Text, nullable=False),  # JSON object, owned by services
    sa.Column("dead_properties", _Text, nullable=True),  # JSON object: Clark name -> XML element text
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("history_start", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("owner", "kind", "name", name="collection_place"),
    sa.Index("collection_modified_at", "modified_at"),
    sqlite_autoincrement=True,  # ids are never reused, sync tokens contain them
    **_TABLE,
)

object_: Final = sa.Table(
    "object",
    metadata,
    sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", _string(255), primary_key=True),
    sa.Column("uid", _string(255), nullable=True),  # NULL for tombstones and for files
    sa.Column("etag", _string(64), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),  # octets of the body
    sa.Column("content_type", _string(127), nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("deleted", sa.SmallInteger, nullable=False),
    sa.Column("has_dead_properties", sa.SmallInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.Column("component", _string(16), nullable=False),  # VEVENT, VTODO, VJOURNAL, VCARD, VLIST, FILE
    sa.Column("starts_at", sa.BigInteger, nullable=True),  # seconds, inclusive; NULL: unbounded
    sa.Column("ends_at", sa.BigInteger, nullable=True),  # seconds, exclusive; NULL: unbounded
    sa.Column("exact", sa.SmallInteger, nullable=False),  # 1: one occurrence, just this extent
    sa.Column("transparent", sa.SmallInteger, nullable=False),
    sa.Column("classification", sa.SmallInteger, nullable=False),  # 0 public, 1 private, 2 confidential
    sa.Column("status", _string(16), nullable=False),
    sa.Column("title", _string(255), nullable=False),  # SUMMARY or FN, cut
    sa.Column("search", _Text, nullable=True),  # cards: normalised names, addresses, phones
    # NULL: no scheduling object (RFC 6638 section 3.2.10)
    sa.Column("schedule_tag", _string(64), nullable=True),
    # the owner's PARTSTAT; "": no attendee, ORGANIZER: organizes it; VARIES: not the same in all instances
    sa.Column("participation", _string(16), nullable=False, server_default=""),
    # at random, below 2**53; stays when the object moves, and with its tombstone
    sa.Column("oid", sa.BigInteger, nullable=False, server_default="0"),
    # the collection's revision at which it came; kept when it changes
    sa.Column("created_revision", sa.BigInteger, nullable=False, server_default="0"),
    sa.UniqueConstraint("collection_id", "uid", name="object_uid"),
    sa.Index("object_revision", "collection_id", "revision"),
    sa.Index("object_oid", "collection_id", "oid"),
    sqlite_with_rowid=False,
    **_TABLE,
)

object_body: Final = sa.Table(
    "object_body",
    metadata,
    sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", _string(255), primary_key=True),
    sa.Column("body", _Body, nullable=False),
    sa.Column("dead_properties", _Text, nullable=True),  # JSON object: Clark name -> XML element text
    **_TABLE,
)

collection_grant: Final = sa.Table(
    "collection_grant",
    metadata,
    sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("subject", _string(255), primary_key=True),  # principal, @group, <default>, anonymous
    sa.Column("role", _string(48), primary_key=True),
    sa.Index("collection_grant_subject", "subject"),
    **_TABLE,
)

lock: Final = sa.Table(
    "dav_lock",
    metadata,
    sa.Column("token", _string(64), primary_key=True),  # without "urn:uuid:"
    sa.Column("owner", _string(255), nullable=False),  # whose home the path is in
    sa.Column("path", _string(767), nullable=False),  # below the home, "Calendar/personal/a.ics"
    sa.Column("infinite", sa.SmallInteger, nullable=False),  # Depth: infinity
    sa.Column("exclusive", sa.SmallInteger, nullable=False),
    sa.Column("principal", _string(255), nullable=False),  # who took it
    sa.Column("owner_xml", _Text, nullable=False),  # DAV:owner as the client sent it
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("dav_lock_owner", "owner"),
    **_TABLE,
)

profile: Final = sa.Table(
    "profile",
    metadata,
    sa.Column("principal", _string(255), primary_key=True),
    sa.Column("properties", _Text, nullable=False),  # JSON object, owned by services
    sa.Column("dead_properties", _Text, nullable=True),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    **_TABLE,
)

local_user: Final = sa.Table(
    "local_user",
    metadata,
    sa.Column("login", _string(255), primary_key=True),
    sa.Column("password", _Text, nullable=False),  # with {scheme}
    sa.Column("display_name", _string(255), nullable=False),
    sa.Column("mail", _string(255), nullable=False),
    sa.Column("aliases", _Text, nullable=False),  # JSON array of further addresses
    sa.Column("kind", _string(16), nullable=False),  # individual, group, location, thing
    sa.Column("multiple_bookings", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    **_TABLE,
)

group_member: Final = sa.Table(
    "group_member",
    metadata,
    sa.Column("group_login", _string(255), primary_key=True),  # of local_user
    sa.Column("member", _string(320), primary_key=True),  # a login of local_user, or a mail address of anybody
    sa.Index("group_member_member", "member"),
    **_TABLE,
)

login_failure: Final = sa.Table(
    "login_failure",
    metadata,
    sa.Column("login", _string(255), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("first_at", sa.BigInteger, nullable=False),
    sa.Column("blocked_until", sa.BigInteger, nullable=False),
    **_TABLE,
)

secret: Final = sa.Table(
    "secret",
    metadata,
    sa.Column("name", _string(64), primary_key=True),
    sa.Column("value", _string(255), nullable=False),  # made once at random, base64
    **_TABLE,
)

subscription: Final = sa.Table(
    "subscription",
    metadata,
    sa.Column("principal", _string(255), primary_key=True),
    sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("properties", _Text, nullable=False),  # JSON object: the subscriber's own name, colour, alarms
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("subscription_collection_id", "collection_id"),
    **_TABLE,
)

share_invitation: Final = sa.Table(
    "share_invitation",
    metadata,
    sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("principal", _string(255), primary_key=True),  # who is invited
    sa.Column("uid", _string(64), nullable=False),
    sa.Column("access", _string(16), nullable=False),  # read, read-write
    sa.Column("state", _string(16), nullable=False),  # noresponse, accepted, declined, deleted
    sa.Column("summary", _string(255), nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.Index("share_invitation_principal", "principal"),
    **_TABLE,
)

secret_link: Final = sa.Table(
    "secret_link",
    metadata,
    sa.Column("digest", _string(64), primary_key=True),  # keyed digest of the token, which is stored nowhere
    sa.Column("collection_id", sa.BigInteger, nullable=False),
    sa.Column("creator", _string(255), nullable=False),
    sa.Column("label", _string(255), nullable=False),
    sa.Column("sealed_token", _string(255), nullable=False),  # encrypted, so that its owner can read it again
    sa.Column("dates_only", sa.SmallInteger, nullable=False),
    sa.Column("with_private", sa.SmallInteger, nullable=False),  # private and confidential events too
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=True),
    sa.Index("secret_link_collection_id", "collection_id"),
    **_TABLE,
)

web_calendar: Final = sa.Table(
    "web_calendar",
    metadata,
    sa.Column("collection_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("url", _Text, nullable=False),
    sa.Column("sealed_credentials", _Text, nullable=True),  # encrypted JSON
    sa.Column("reload_on_login", sa.SmallInteger, nullable=False),
    sa.Column("etag", _string(255), nullable=False),  # validators of the last good answer
    sa.Column("last_modified", _string(127), nullable=False),
    sa.Column("fetched_at", sa.BigInteger, nullable=False),  # the last good copy; 0: none yet
    sa.Column("checked_at", sa.BigInteger, nullable=False),
    sa.Column("fault", _string(255), nullable=False),  # of the last attempt; "": none
    **_TABLE,
)

outbox: Final = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("key", _string(64), nullable=False),  # digest of what makes two messages the same
    sa.Column("kind", _string(16), nullable=False),  # itip, notice, receipt, alarm
    sa.Column("sender", _string(255), nullable=False),  # principal for whom it is sent
    sa.Column("recipient", _string(320), nullable=False),  # mail address
    sa.Column("payload", _Text, nullable=False),  # JSON: what the mail is made from when it goes
    sa.Column("state", _string(16), nullable=False),  # waiting, sending, sent, dead
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("fault", _Text, nullable=False),  # the last refusal
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("key", name="outbox_key"),
    sa.Index("outbox_state", "state", "modified_at"),
    sqlite_autoincrement=True,
    **_TABLE,
)

job: Final = sa.Table(
    "job",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("kind", _string(32), nullable=False),  # mail, alarm, web-calendar, trim
    sa.Column("key", _string(255), nullable=False),  # one job of a kind for each
    sa.Column("payload", _Text, nullable=False),  # JSON object
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),  # rises when it is asked for again, also while it runs
    sa.Column("lease", _string(64), nullable=True),  # who runs it
    sa.Column("leased_until", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("fault", _Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("kind", "key", name="job_key"),
    sa.Index("job_due_at", "due_at"),
    sqlite_autoincrement=True,
    **_TABLE,
)

session: Final = sa.Table(
    "session",
    metadata,
    sa.Column("digest", _string(64), primary_key=True),  # of the id in the cookie, which is stored nowhere
    sa.Column("principal", _string(255), nullable=False),
    sa.Column("properties", _Text, nullable=False),  # JSON object, owned by services
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("seen_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("session_principal", "principal"),
    sa.Index("session_expires_at", "expires_at"),
    **_TABLE,
)

mail_account: Final = sa.Table(
    "mail_account",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("owner", _string(255), nullable=False),
    sa.Column("properties", _Text, nullable=False),  # JSON object: servers, names, identities
    sa.Column("sealed", _Text, nullable=False),  # encrypted JSON: passwords
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.Index("mail_account_owner", "owner"),
    sqlite_autoincrement=True,
    **_TABLE,
)

mail_key: Final = sa.Table(
    "mail_key",
    metadata,
    sa.Column("owner", _string(255), primary_key=True),
    sa.Column("account", _string(64), primary_key=True),
    sa.Column("certificates", _Text, nullable=False),  # PEM: the owner's own first, then those above it
    sa.Column("sealed_key", _Text, nullable=False),  # encrypted private key
    sa.Column("created_at", sa.BigInteger, nullable=False),
    **_TABLE,
)

submission: Final = sa.Table(
    "submission",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("owner", _string(255), nullable=False),
    sa.Column("account", _string(64), nullable=False),
    sa.Column("message_id", _string(255), nullable=False),  # one submission for each message
    sa.Column("mailbox", _Text, nullable=False),  # where the message waits
    sa.Column("uid_validity", sa.BigInteger, nullable=False),
    sa.Column("uid", sa.BigInteger, nullable=False),
    sa.Column("payload", _Text, nullable=False),  # JSON object: envelope, what to do afterwards
    sa.Column("recipients", sa.Integer, nullable=False),
    sa.Column("state", _string(16), nullable=False),  # waiting, sending, sent, failed, cancelled
    sa.Column("fault", _Text, nullable=False),
    sa.Column("send_at", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("modified_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("owner", "message_id", name="submission_message"),
    sa.Index("submission_owner", "owner", "created_at"),  # also counts what somebody sent of late
    sqlite_autoincrement=True,
    **_TABLE,
)

snoozed: Final = sa.Table(
    "snoozed",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("owner", _string(255), nullable=False),
    sa.Column("account", _string(64), nullable=False),
    sa.Column("origin", _Text, nullable=False),  # mailbox it goes back to
    sa.Column("mailbox", _Text, nullable=False),  # mailbox it waits in
    sa.Column("uid_validity", sa.BigInteger, nullable=False),
    sa.Column("uid", sa.BigInteger, nullable=False),
    sa.Column("message_id", _Text, nullable=False),  # finds it again when the numbers of the mailbox are new
    sa.Column("until_at", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("snoozed_owner", "owner", "until_at"),
    sqlite_autoincrement=True,
    **_TABLE,
)

# Who somebody is: what opens the doors beside the password of the directory.

app_password: Final = sa.Table(
    "app_password",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("principal", _string(255), nullable=False),
    sa.Column("digest", _string(64), nullable=False),  # keyed; the password itself is stored nowhere
    sa.Column("name", _string(255), nullable=False),  # of the device
    sa.Column("scopes", _string(255), nullable=False),  # auth.protocols.Protocol, parted by blanks
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),  # 0: never
    sa.Column("used_at", sa.BigInteger, nullable=False),  # 0: not yet
    sa.Column("used_from", _string(255), nullable=False),
    sa.Column("used_by", _string(255), nullable=False),  # User-Agent
    sa.UniqueConstraint("digest", name="app_password_digest"),
    sa.Index("app_password_principal", "principal"),
    sqlite_autoincrement=True,
    **_TABLE,
)

second_factor: Final = sa.Table(
    "second_factor",
    metadata,
    sa.Column("principal", _string(255), primary_key=True),
    sa.Column("pending", sa.Integer, primary_key=True, autoincrement=False),  # 1: no code has confirmed it yet
    sa.Column("sealed", _Text, nullable=False),  # the secret, encrypted
    sa.Column("last_step", sa.BigInteger, nullable=False),  # of the last code that was taken: none is taken twice
    sa.Column("created_at", sa.BigInteger, nullable=False),
    **_TABLE,
)

recovery_code: Final = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("principal", _string(255), primary_key=True),
    sa.Column("digest", _string(64), primary_key=True),  # keyed
    sa.Column("created_at", sa.BigInteger, nullable=False),
    **_TABLE,
)

passkey: Final = sa.Table(
    "passkey",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("principal", _string(255), nullable=False),
    sa.Column("digest", _string(64), nullable=False),  # of the credential id, which may have 1,023 octets
    sa.Column("properties", _Text, nullable=False),  # JSON object: credential id, public key, transports
    sa.Column("name", _string(255), nullable=False),
    sa.Column("required", sa.Integer, nullable=False),  # 1: asked for after the password
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger, nullable=False),  # 0: not yet
    sa.UniqueConstraint("digest", name="passkey_digest"),
    sa.Index("passkey_principal", "principal"),
    sqlite_autoincrement=True,
    **_TABLE,
)

# What is taken once and soon: challenges of passkeys, tokens of recovery letters.
challenge: Final = sa.Table(
    "challenge",
    metadata,
    sa.Column("digest", _string(64), primary_key=True),
    sa.Column("purpose", _string(32), nullable=False),
    sa.Column("principal", _string(255), nullable=False),  # empty: whoever answers
    sa.Column("properties", _Text, nullable=False),  # JSON object
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("challenge_principal", "principal"),
    sa.Index("challenge_expires_at", "expires_at"),
    **_TABLE,
)

attempt: Final = sa.Table(
    "attempt",
    metadata,
    sa.Column("name", _string(255), primary_key=True),  # of what is tried, and by whom
    sa.Column("spent", sa.Integer, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Index("attempt_expires_at", "expires_at"),
    **_TABLE,
)

local_password: Final = sa.Table(
    "local_password",
    metadata,
    sa.Column("login", _string(255), primary_key=True),  # of local_user
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("must_change", sa.Integer, nullable=False),  # 1: somebody else chose it
    **_TABLE,
)

push_subscription: Final = sa.Table(
    "push_subscription",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("principal", _string(255), nullable=False),
    sa.Column("credential", _string(255), nullable=False),  # what it was made with, and ends with; empty: a password
    sa.Column("device", _string(255), nullable=False),  # as the client names itself
    sa.Column("url", _Text, nullable=False),
    sa.Column("properties", _Text, nullable=False),  # JSON object: keys, types
    sa.Column("positions", _Text, nullable=False),  # JSON object: what was told of last
    sa.Column("code", _string(64), nullable=False),  # that proves that the client gets what is sent
    sa.Column("verified", sa.SmallInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("push_subscription_principal", "principal"),
    sa.Index("push_subscription_expires_at", "expires_at"),
    sqlite_autoincrement=True,  # ids are never reused, clients keep them
    **_TABLE,
)

data_import: Final = sa.Table(
    "data_import",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("principal", _string(255), nullable=False),  # who asked for it
    sa.Column("properties", _Text, nullable=False),  # JSON object: what is imported, how far it is, what went wrong
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),  # whoever runs it writes this again and again
    sa.Index("data_import_principal", "principal"),
    sa.Index("data_import_changed_at", "changed_at"),
    sqlite_autoincrement=True,  # ids are never reused, clients keep them
    **_TABLE,
)

audit: Final = sa.Table(
    "audit",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("actor", _string(255), nullable=False),  # the administrator
    sa.Column("subject", _string(255), nullable=False),  # about whom; empty: nobody
    sa.Column("action", _string(64), nullable=False),
    sa.Column("properties", _Text, nullable=False),  # JSON object
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Index("audit_created_at", "created_at"),
    sqlite_autoincrement=True,
    **_TABLE,
)

site: Final = sa.Table(
    "site",
    metadata,
    sa.Column("name", _string(64), primary_key=True),
    sa.Column("properties", _Text, nullable=False),  # JSON object
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    **_TABLE,
)
