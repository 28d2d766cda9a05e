"""The address under which ``Database.open`` finds the database that the settings name."""

from sqlalchemy.engine import URL

from folkmoot.config.url import DatabaseUrl, Dialect


def address(url: DatabaseUrl) -> str:
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
        query=dict(url.options),
    ).render_as_string(hide_password=False)
