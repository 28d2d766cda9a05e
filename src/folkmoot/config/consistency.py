"""Faults that no single key shows: settings that do not go together."""

from collections.abc import Iterator, Mapping
from typing import Final

from folkmoot.config.faults import Severity
from folkmoot.config.settings import Settings
from folkmoot.config.sources import SqlSource, UserSource
from folkmoot.config.url import Dialect

SECRET_LENGTH: Final = 32  # characters: the key of AES-256
PASSPHRASE_LENGTH: Final = 16  # characters: the key of AES-128
FORWARD_CONSTRAINTS_MAX: Final = 3  # SOGo takes anything above for 0

Finding = tuple[Severity, str, str]
"""How bad it is, the key it is about, and what is wrong."""


def findings(settings: Settings) -> Iterator[Finding]:
    """Yield what does not go together, in the settings of the system and of each domain."""
    yield from _secrets(settings)
    yield from _single_sign_on(settings)
    yield from _databases(settings)
    yield from _sources(settings)
    yield from _mails(settings)
    unknown = [name for name in settings.people.login_domains if name.casefold() not in settings.domains]
    for name in unknown:
        yield Severity.WARNING, "SOGoLoginDomains", f"left out {name!r}, which is not among `domains`"
    if settings.sieve.forward_constraints > FORWARD_CONSTRAINTS_MAX:
        yield Severity.WARNING, "SOGoForwardConstraints", "above 3 counts as 0"


def missing_secret(settings: Settings, environment: Mapping[str, str]) -> Finding | None:
    """Return what is wrong with the secret, where that needs the environment to be known."""
    if settings.security.secret_type != "env":  # noqa: S105 - a kind of secret, not one
        return None
    name = settings.security.secret_value
    if len(environment.get(name, "")) == SECRET_LENGTH:
        return None
    return Severity.FATAL, "SOGoSecretValue", f"the variable {name!r} must hold exactly {SECRET_LENGTH} characters"


def _secrets(settings: Settings) -> Iterator[Finding]:
    security = settings.security
    if security.secret_type == "plain" and len(security.secret_value) != SECRET_LENGTH:  # noqa: S105
        yield (
            Severity.FATAL,
            "SOGoSecretValue",
            f"with `SOGoSecretType = plain` exactly {SECRET_LENGTH} characters, found {len(security.secret_value)}",
        )
    if security.secret_type == "env" and not security.secret_value:  # noqa: S105
        yield Severity.FATAL, "SOGoSecretValue", "with `SOGoSecretType = env` the name of a variable"
    if security.url_encryption and len(security.url_encryption_passphrase) != PASSPHRASE_LENGTH:
        yield Severity.ERROR, "SOGoURLEncryptionPassphrase", f"must have {PASSPHRASE_LENGTH} characters"


def _single_sign_on(settings: Settings) -> Iterator[Finding]:
    sso = settings.sso
    if sso.type in {"cas", "openid"} and settings.security.validate_request_origin:
        yield Severity.WARNING, "SOGoXSRFValidationEnabled", f"must be NO for SOGo to work with {sso.type}"
    if sso.type == "cas" and not sso.cas_url:
        yield Severity.ERROR, "SOGoCASServiceURL", "needed for `SOGoAuthenticationType = cas`"
    if sso.type != "openid":
        return
    needed = {
        "SOGoOpenIdConfigUrl": sso.openid_configuration_url,
        "SOGoOpenIdClient": sso.openid_client,
        "SOGoOpenIdClientSecret": sso.openid_client_secret,
        "SOGoOpenIdScope": sso.openid_scope,
    }
    for key, value in needed.items():
        if not value:
            yield Severity.ERROR, key, "needed for `SOGoAuthenticationType = openid`"


def _mails(settings: Settings) -> Iterator[Finding]:
    if settings.database.email_alarms_url is not None and not settings.calendar.email_alarms:
        yield Severity.WARNING, "SOGoEnableEMailAlarms", "NO: reminders are not mailed, though a table is set for them"
    everywhere = [("", settings), *((f"domains.{one.domain}.", one) for one in settings.domains.values())]
    told: set[Finding] = set()
    for prefix, one in everywhere:
        # What a domain takes from the system is told once.
        for finding in _mails_of(one):
            if finding not in told:
                told.add(finding)
                severity, key, text = finding
                yield severity, prefix + key, text


def _mails_of(settings: Settings) -> Iterator[Finding]:
    smtp, calendar = settings.smtp, settings.calendar
    if smtp.authentication and not (smtp.master_user and smtp.master_user_name):
        yield (
            Severity.WARNING,
            "SOGoSMTPAuthenticationType",
            "nobody signs in to send mail without `SOGoSMTPMasterUserEnabled` and `SOGoSMTPMasterUserUsername`",
        )
    mails = (
        calendar.notify_invitations,
        calendar.notify_acl_changes,
        calendar.notify_folders,
        calendar.notify_own_changes,
        calendar.notify_others_changes,
        calendar.email_alarms,
    )
    if smtp.mechanism == "sendmail" and any(mails):
        server = smtp.server or "smtp://localhost"
        yield Severity.WARNING, "SOGoMailingMechanism", f"`sendmail` is not run: mails go by SMTP to {server}"


def _databases(settings: Settings) -> Iterator[Finding]:
    database = settings.database
    combined = {
        "OCSStoreURL": database.store_url,
        "OCSAclURL": database.acl_url,
        "OCSCacheFolderURL": database.cache_folder_url,
    }
    if any(combined.values()):
        for key, url in combined.items():
            if url is None:
                yield Severity.WARNING, key, "missing beside the other two of the combined layout"


def _sources(settings: Settings) -> Iterator[Finding]:
    seen: set[str] = set()
    own = [("", settings.people.sources)]
    own += [
        (f"domains.{one.domain}.", one.people.sources)
        for one in settings.domains.values()
        if one.people.sources != settings.people.sources
    ]
    for prefix, sources in own:
        for source in sources:
            if source.id in seen:
                yield Severity.ERROR, f"{prefix}SOGoUserSources", f"more than one source has the id {source.id!r}"
            seen.add(source.id)
            yield from ((severity, prefix + key, text) for severity, key, text in _source(source))


def _source(source: UserSource) -> Iterator[Finding]:
    if not isinstance(source, SqlSource):
        return
    place = f"source {source.id!r}: "
    if source.password_scheme.startswith("sym-aes-128-cbc") and not source.key_path:
        yield Severity.ERROR, "SOGoUserSources", place + "userPasswordAlgorithm sym-aes-128-cbc needs a keyPath"
    if source.view_url.dialect is not Dialect.SQLITE and not source.view_url.host:
        yield Severity.WARNING, "SOGoUserSources", place + "viewURL names no host; localhost is taken"
