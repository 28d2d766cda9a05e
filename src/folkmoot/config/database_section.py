"""Parameters of the databases and the cache (`OCS…`, `MySQL4…`, `SOGoMemcachedHost`)."""

from dataclasses import dataclass

from folkmoot.config.declaring import system
from folkmoot.config.kinds import boolean, database_url, integer, path, text
from folkmoot.config.url import DatabaseUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """Where collections, objects and preferences are kept.

    SOGo's URLs name one table each; Folkmoot keeps its own tables in the database of ``OCSFolderInfoURL`` and reads
    SOGo's only to take them over.
    """

    folkmoot_url: DatabaseUrl | None = system(
        "FolkmootDatabaseURL",
        database_url(table=False),
        None,
        "Database for Folkmoot's tables: `mysql://user:password@host/database`, `postgresql://…` or "
        "`sqlite:///path`. Unset, it is the database of `OCSFolderInfoURL`; without that, an SQLite file in "
        "`FolkmootStateDirectory`.",
        served=True,
    )
    profile_url: DatabaseUrl | None = system(
        "SOGoProfileURL",
        database_url(table=True),
        None,
        "Table of user preferences.",
        aliases=("AgenorProfileURL",),
        mandatory=True,
    )
    folder_info_url: DatabaseUrl | None = system(
        "OCSFolderInfoURL", database_url(table=True), None, "Table of collections.", served=True, mandatory=True
    )
    sessions_url: DatabaseUrl | None = system(
        "OCSSessionsFolderURL", database_url(table=True), None, "Table of web sessions.", mandatory=True
    )
    store_url: DatabaseUrl | None = system(
        "OCSStoreURL",
        database_url(table=True),
        None,
        "Table of all objects, in SOGo's combined layout; stands together with `OCSAclURL` and `OCSCacheFolderURL`.",
    )
    acl_url: DatabaseUrl | None = system(
        "OCSAclURL", database_url(table=True), None, "Table of all rights, in the combined layout."
    )
    cache_folder_url: DatabaseUrl | None = system(
        "OCSCacheFolderURL",
        database_url(table=True),
        None,
        "Table of device states, in the combined layout.",
    )
    email_alarms_url: DatabaseUrl | None = system(
        "OCSEMailAlarmsFolderURL",
        database_url(table=True),
        None,
        "Table of SOGo's reminders by mail; not needed here.",
    )
    admin_url: DatabaseUrl | None = system(
        "OCSAdminURL", database_url(table=True), None, "Table of the message of the day."
    )
    openid_url: DatabaseUrl | None = system("OCSOpenIdURL", database_url(table=True), None, "Table of OpenID tokens.")
    mysql_tls: bool = system(
        "MySQL4SSLEnabled",
        boolean,
        default=False,
        doc="Connect to MySQL and MariaDB with TLS; the server is verified where `MySQL4SSLCaPath` names an authority.",
        served=True,
    )
    mysql_tls_key_path: str = system("MySQL4SSLKeyPath", path, "", "Key of the client's certificate, PEM.", served=True)
    mysql_tls_certificate_path: str = system(
        "MySQL4SSLCertPath", path, "", "The client's certificate, PEM.", served=True
    )
    mysql_tls_authority_path: str = system(
        "MySQL4SSLCaPath", path, "", "Certificates of the authorities to trust, PEM.", served=True
    )
    mysql_connections_max: int = system(
        "MySQL4MaxOpenConnectionCount",
        integer(),
        0,
        "Connections of one worker to a MySQL or MariaDB database; 0 leaves it to Folkmoot.",
        served=True,
    )
    postgresql_connections_max: int = system(
        "PGMaxOpenConnectionCount",
        integer(),
        0,
        "Connections of one worker to a PostgreSQL database; 0 leaves it to Folkmoot.",
        served=True,
    )
    mysql_statements_logged: bool = system(
        "MySQL4DebugEnabled",
        boolean,
        default=False,
        doc="Log every statement sent to MySQL or MariaDB, without its parameters, and how long it took.",
        served=True,
    )
    postgresql_statements_logged: bool = system(
        "PGDebugEnabled",
        boolean,
        default=False,
        doc="Log every statement sent to PostgreSQL, without its parameters, and how long it took.",
        served=True,
    )
    connection_collection_seconds: int = system(
        "GCSChannelCollectionTimer", integer(), 300, "How often idle connections are looked for.", unit="seconds"
    )
    connection_expiry_seconds: int = system(
        "GCSChannelExpireAge", integer(), 600, "Idle connections older than this are closed.", unit="seconds"
    )

    @property
    def url(self) -> DatabaseUrl | None:
        """The database for Folkmoot's tables; ``None`` means the embedded one in the state directory."""
        if self.folkmoot_url is not None:
            return self.folkmoot_url
        return None if self.folder_info_url is None else self.folder_info_url.without_table()


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """The optional cache between workers and nodes."""

    memcached: str = system(
        "SOGoMemcachedHost",
        text,
        "localhost",
        "Servers of memcached, `host[:port]` parted by commas, or the path of a socket.",
    )
    cleanup_interval_seconds: int = system(
        "SOGoCacheCleanupInterval",
        integer(),
        300,
        "Life of cached entries: people, groups, verified credentials.",
        served=True,
        unit="seconds",
    )
