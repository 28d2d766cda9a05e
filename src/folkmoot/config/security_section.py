"""Parameters of secrets, log-in, throttling and who may do what on the whole."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from folkmoot.config.declaring import domain, system, user
from folkmoot.config.kinds import array, boolean, choice, integer, names, network, text
from folkmoot.config.reading import dictionary
from folkmoot.config.sources import PasswordRule


@dataclass(frozen=True, slots=True, kw_only=True)
class SecuritySettings:
    """Secrets, log-in, throttling, superusers."""

    superusers: tuple[str, ...] = domain(
        "SOGoSuperUsernames", names, (), "People who may act on anybody's data, whatever the rights.", served=True
    )
    trust_proxy_authentication: bool = system(
        "SOGoTrustProxyAuthentication",
        boolean,
        default=False,
        doc="Believe the user named in `x-webobjects-remote-user`, if a proxy in `FolkmootTrustedProxies` sends it.",
        served=True,
    )
    forbid_unknown_domains: bool = system(
        "SOGoForbidUnknownDomainsAuth",
        boolean,
        default=False,
        doc="Refuse log-ins with a domain that is neither configured nor in `SOGoDomainAllowed`.",
        served=True,
    )
    allowed_domains: tuple[str, ...] = system(
        "SOGoDomainAllowed", names, (), "Domains that are known beside the configured ones.", served=True
    )
    rehash_passwords: bool = system(
        "FolkmootRehashPasswords",
        boolean,
        default=False,
        doc="After a log-in, store the password in the source's present scheme again if it was stored in a weaker one.",
        served=True,
    )
    secret_type: str = system(
        "SOGoSecretType",
        choice("none", "plain", "env"),
        "none",
        "Where the key is that encrypts stored passwords of extra mail accounts: `plain` in `SOGoSecretValue`, `env` "
        "in the environment variable it names; with `none` one is made and kept in the database.",
        served=True,
    )
    secret_value: str = system(
        "SOGoSecretValue",
        text,
        "",
        "The key, exactly 32 characters, or the name of the environment variable.",
        secret=True,
        served=True,
    )
    allowed_private_networks: tuple[IPv4Network | IPv6Network, ...] = system(
        "FolkmootAllowedPrivateNetworks",
        array(network, separator=","),
        (),
        "Addresses and networks that are not of the public internet and from which web calendars may be fetched; "
        "people's own mail servers may be there, too.",
        served=True,
    )
    encryption_key: str = system(
        "SOGoEncryptionKey",
        text,
        "MySOGoEncryptionKey",
        "Key for the credentials of subscribed web calendars; change it from the default.",
        secret=True,
    )
    url_encryption: bool = system(
        "SOGoURLEncryptionEnabled", boolean, default=False, doc="User names in URLs are encrypted."
    )
    url_encryption_passphrase: str = system(
        "SOGoURLEncryptionPassphrase",
        text,
        "SOGoSuperSecret0",
        "Passphrase for that, 16 characters; changing it changes every DAV URL.",
        secret=True,
    )
    token_secret: str = system("SOGoJWTSecret", text, "SOGo", "Signs the links that recover a password.", secret=True)
    validate_request_origin: bool = system(
        "SOGoXSRFValidationEnabled",
        boolean,
        default=True,
        doc="Requests of the web application must carry the token that their session was given.",
        served=True,
    )
    failed_logins_max: int = system(
        "SOGoMaximumFailedLoginCount",
        integer(),
        0,
        "Failed log-ins within `SOGoMaximumFailedLoginInterval` after which an account is blocked; 0 never blocks.",
        served=True,
    )
    failed_logins_interval_seconds: int = system(
        "SOGoMaximumFailedLoginInterval",
        integer(),
        10,
        "Time in which failed log-ins are counted.",
        served=True,
        unit="seconds",
    )
    failed_logins_block_seconds: int = system(
        "SOGoFailedLoginBlockInterval",
        integer(),
        300,
        "How long an account stays blocked.",
        served=True,
        unit="seconds",
    )
    requests_max: int = system(
        "SOGoMaximumRequestCount",
        integer(),
        0,
        "Requests of a user within `SOGoMaximumRequestInterval` after which status 429 is answered; 0 sets no limit.",
        served=True,
    )
    requests_interval_seconds: int = system(
        "SOGoMaximumRequestInterval", integer(), 30, "Time in which requests are counted.", served=True, unit="seconds"
    )
    requests_block_seconds: int = system(
        "SOGoRequestBlockInterval", integer(), 300, "How long requests stay refused.", served=True, unit="seconds"
    )
    submissions_max: int = system(
        "SOGoMaximumMessageSubmissionCount",
        integer(),
        0,
        "Messages a user may send within `SOGoMaximumSubmissionInterval`; 0 sets no limit.",
        served=True,
    )
    submission_recipients_max: int = system(
        "SOGoMaximumRecipientCount", integer(), 0, "Recipients within the same time; 0 sets no limit.", served=True
    )
    submissions_interval_seconds: int = system(
        "SOGoMaximumSubmissionInterval",
        integer(),
        30,
        "Time in which sent messages are counted.",
        unit="seconds",
        served=True,
    )
    submissions_block_seconds: int = system(
        "SOGoMessageSubmissionBlockInterval",
        integer(),
        300,
        "How long sending stays refused.",
        unit="seconds",
        served=True,
    )
    password_change: bool = system(
        "SOGoPasswordChangeEnabled",
        boolean,
        default=False,
        doc="People may change their password, and must where it has expired, was reset or is too weak. Their user "
        "source must let Folkmoot write.",
        served=True,
    )
    password_policy: tuple[PasswordRule, ...] = system(
        "FolkmootPasswordPolicy",
        array(dictionary("password rule", PasswordRule)),
        (),
        "Rules for passwords of local people, as `userPasswordPolicy` of a source; without any, ten characters.",
        served=True,
    )
    password_days_max: int = system(
        "FolkmootPasswordDays",
        integer(),
        0,
        "How long a password of local people may be used; 0 for ever, which is better than a number at its end.",
        served=True,
        unit="days",
    )
    password_recovery: bool = system(
        "SOGoPasswordRecoveryEnabled",
        boolean,
        default=False,
        doc="People may recover a forgotten password; needs `SOGoPasswordChangeEnabled`, and letters with a link need "
        "`FolkmootPublicURL`.",
        served=True,
    )
    password_recovery_domains: tuple[str, ...] | None = system(
        "SOGoPasswordRecoveryDomains",
        names,
        None,
        "Domains whose people may; unset are all, an empty array none.",
        served=True,
    )
    password_recovery_from: str = domain(
        "SOGoPasswordRecoveryFrom",
        text,
        "",
        "Sender of recovery mails; empty is `noreply@` and the user's domain.",
        served=True,
    )
    password_recovery_mode: str = user(
        "SOGoPasswordRecoveryMode",
        choice("Disabled", "SecretQuestion", "SecondaryEmail"),
        "Disabled",
        "How a user recovers the password.",
        served=True,
    )
    password_recovery_question: str = user(
        "SOGoPasswordRecoveryQuestion", text, "SecretQuestion1", "The user's secret question.", served=True
    )
    password_recovery_answer: str = user(
        "SOGoPasswordRecoveryQuestionAnswer", text, "", "The answer to it; kept as a hash.", secret=True
    )
    password_recovery_address: str = user(
        "SOGoPasswordRecoverySecondaryEmail", text, "", "The address to which a recovery link is sent."
    )
    second_factor: bool = user(
        "SOGoTOTPEnabled",
        boolean,
        default=False,
        doc="The user signs in with a second factor; told and turned off here, turned on with a first code.",
        served=True,
        aliases=("SOGoGoogleAuthenticatorEnabled",),
    )
    identities_fixed: bool = domain(
        "SOGoCreateIdentitiesDisabled",
        boolean,
        default=False,
        doc="People may not add mail identities or accounts.",
        served=True,
    )
    export_disabled: tuple[str, ...] = system(
        "SOGoDisableExport",
        names,
        (),
        "Modules without export: `Mail`, `Calendar`, `Contacts`. With `Calendar` there are no documents of whole "
        "calendars, `.ics` and `.xml`, beside them; with `Mail` there are no zip files of messages.",
        served=True,
    )
    sharing_disabled: tuple[str, ...] = system(
        "SOGoDisableSharing",
        names,
        (),
        "Modules in which nothing is shared: `Mail`, `Calendar`, `Contacts`; so far `Mail` is looked at.",
        served=True,
    )
    sharing_with_all_disabled: tuple[str, ...] = system(
        "SOGoDisableSharingAnyAuthUser",
        names,
        (),
        "Modules in which nothing is shared with everybody signed in: `Mail`, `Calendar`, `Contacts`.",
    )
    public_access: bool = system(
        "SOGoEnablePublicAccess",
        boolean,
        default=False,
        doc="Answer `/SOGo/dav/public` without signing in.",
        served=True,
    )
