"""The address under which ``Database.open`` finds the database that the settings name."""

from sqlalchemy.engine import URL

from folkmoot.config.database_section import DatabaseSettings
from folkmoot.config.url import DatabaseUrl, Dialect


def address(url: DatabaseUrl, settings: DatabaseSettings) -> str:
    """Return the URL for ``Database.open``, with its password in it: not for logs."""
    if url.dialect is Dialect.SQLITE:
        return URL.create("sqlite", database=url.database).render_as_string(hide_password=False)
    return URL.create(
        str(url.dialect),
        username=url.user or None,
        password=url.password or None,
        host=url.host or None,
        port=url.port,
        database=url.database or None,
        query=dict(url.options) | _options(url.dialect, settings),
    ).render_as_string(hide_password=False)


def pool_size(url: DatabaseUrl, settings: DatabaseSettings) -> int:
    """Return how many connections a worker may open; 0 if the settings do not say."""
    return {
        Dialect.MYSQL: settings.mysql_connections_max,
        Dialect.POSTGRESQL: settings.postgresql_connections_max,
    }.get(url.dialect, 0)


def _options(dialect: Dialect, settings: DatabaseSettings) -> dict[str, str]:
    if dialect is Dialect.MYSQL:
        logged, options = settings.mysql_statements_logged, _tls(settings)
    else:
        logged, options = settings.postgresql_statements_logged, {}
    return options | ({"log_statements": "yes"} if logged else {})


def _tls(settings: DatabaseSettings) -> dict[str, str]:
    if not settings.mysql_tls:
        return {}
    paths = {
        "ssl_ca": settings.mysql_tls_authority_path,
        "ssl_cert": settings.mysql_tls_certificate_path,
        "ssl_key": settings.mysql_tls_key_path,
    }
    return {"ssl": "true"} | {name: path for name, path in paths.items() if path}
