"""Parameters of the IMAP, SMTP and Sieve servers."""

from dataclasses import dataclass

from folkmoot.config.declaring import domain, system, user
from folkmoot.config.kinds import anything, boolean, choice, decimal, integer, names, path, text
from folkmoot.config.nodes import Plain


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How mail leaves."""

    mechanism: str = domain(
        "SOGoMailingMechanism",
        choice("sendmail", "smtp"),
        "sendmail",
        "How mail is sent. No program is run: `sendmail`, too, means the server of `SOGoSMTPServer`, by default "
        "the one on this machine.",
        served=True,
    )
    server: str = domain(
        "SOGoSMTPServer",
        text,
        "smtp://localhost",
        "`host`, `host:port`, `smtp://…`, `smtps://…`, with `?tls=YES` and `&tlsVerifyMode=allowInsecureLocalhost`.",
        served=True,
    )
    authentication: str = domain(
        "SOGoSMTPAuthenticationType",
        choice("", "PLAIN", "xoauth2"),
        "",
        "How to sign in; empty does not.",
        served=True,
    )
    master_user: bool = domain(
        "SOGoSMTPMasterUserEnabled",
        boolean,
        default=False,
        doc="Send mail of the system with an account of its own.",
        served=True,
    )
    master_user_name: str = domain("SOGoSMTPMasterUserUsername", text, "", "User name of that account.", served=True)
    master_user_password: str = domain(
        "SOGoSMTPMasterUserPassword",
        text,
        "",
        "Password of that account; for `xoauth2` its token.",
        secret=True,
        served=True,
    )
    sendmail_path: str = system("WOSendMail", path, "/usr/lib/sendmail", "Program for the mechanism `sendmail`.")
    message_max_kilobytes: int = system(
        "SOGoMaximumMessageSizeLimit",
        integer(),
        0,
        "Largest message that is sent; 0 sets no limit.",
        served=True,
        unit="kB",
    )
    no_client_address: bool = domain(
        "SOGoMailDisableXForward",
        boolean,
        default=False,
        doc="Leave the client's address out of sent mail.",
        served=True,
    )
    template_directory: str = domain(
        "FolkmootTemplateDirectory",
        path,
        "",
        "Directory with templates of one's own for the mails that the server writes; empty uses the built-in ones.",
        served=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """Where mailboxes are."""

    server: str = domain(
        "SOGoIMAPServer",
        text,
        "localhost",
        "`host`, `imap://…/?tls=YES` or `imaps://…`.",
        aliases=("SOGoFallbackIMAP4Server",),
        served=True,
    )
    credentials: str = domain(
        "FolkmootMailCredentials",
        choice("session", "master", "token"),
        "session",
        "What mail servers are signed in to with: the password of whoever asks, which work in the background has not; "
        "a master user; or tokens that Folkmoot mints and the mail server asks it about.",
        served=True,
    )
    master_user_name: str = domain(
        "FolkmootIMAPMasterUsername", text, "", "Name of the master user, for `master`.", served=True
    )
    master_user_password: str = domain(
        "FolkmootIMAPMasterPassword", text, "", "Password of the master user.", secret=True, served=True
    )
    login_with_address: bool = domain(
        "SOGoForceExternalLoginWithEmail",
        boolean,
        default=False,
        doc="Sign in to IMAP and SMTP with the mail address instead of the user name.",
        aliases=("SOGoForceIMAPLoginWithEmail",),
        served=True,
    )
    drafts: str = user("SOGoDraftsFolderName", text, "Drafts", "Mailbox of drafts; `/` parts levels.", served=True)
    sent: str = user("SOGoSentFolderName", text, "Sent", "Mailbox of sent mail.", served=True)
    trash: str = user("SOGoTrashFolderName", text, "Trash", "Mailbox of deleted mail.", served=True)
    junk: str = user("SOGoJunkFolderName", text, "Junk", "Mailbox of junk.", served=True)
    templates: str = user("SOGoTemplatesFolderName", text, "Templates", "Mailbox of templates.", served=True)
    subscribed_only: bool = user(
        "SOGoMailShowSubscribedFoldersOnly",
        boolean,
        default=False,
        doc="Show subscribed mailboxes only.",
        served=True,
    )
    acl_style: str = domain(
        "SOGoIMAPAclStyle",
        choice("rfc4314", "rfc2086"),
        "rfc4314",
        "Which letters the server's rights use.",
        served=True,
    )
    acl_extended: bool = domain(
        "SOGoIMAPAclConformsToIMAPExt", boolean, default=False, doc="The server's ACL commands follow the extension."
    )
    separator: str = system("NGImap4ConnectionStringSeparator", text, "/", "What parts the levels of mailbox names.")
    group_prefix: str = domain(
        "NGImap4ConnectionGroupIdPrefix", text, "$", "What marks a group in IMAP rights.", served=True
    )
    pooling_disabled: bool = system(
        "NGImap4DisableIMAP4Pooling",
        boolean,
        default=False,
        doc="Keep no IMAP connection between requests. SOGo keeps none unless this is `NO`; here it must be `YES`.",
        served=True,
    )
    mechanism: str = system(
        "NGImap4AuthMechanism",
        choice("LOGIN", "plain", "xoauth2", "SAML"),
        "LOGIN",
        "How to sign in; what the server does not offer is replaced by what it does.",
        served=True,
    )
    pooling_cleanup_seconds: int = system(
        "NGImap4PoolingCleanupInterval",
        integer(),
        60,
        "After how long an idle connection is closed.",
        served=True,
        unit="seconds",
    )
    connections_max: int = system(
        "NGImapMaxConnectionCount",
        integer(),
        0,
        "IMAP connections of one worker; 0 is 400. One login has 4 of them at most.",
        served=True,
    )
    sort_encoding: str = system("ImapSortEncoding", text, "UTF-8", "Character set of sort commands.", served=True)
    soft_quota_ratio: float = domain(
        "SOGoSoftQuotaRatio",
        decimal,
        0.0,
        "The quota shown is the real one times this; 0 shows the real one.",
        served=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SieveSettings:
    """Filters, vacation and forwarding on the mail server."""

    server: str = domain(
        "SOGoSieveServer",
        text,
        "",
        "`sieve://host:4190/?tls=YES`; empty is the IMAP server, port 4190, with STARTTLS if IMAP is encrypted.",
        served=True,
    )
    folder_encoding: str = system(
        "SOGoSieveFolderEncoding",
        choice("UTF-7", "UTF-8"),
        "UTF-7",
        "How scripts write mailbox names. Dovecot's Pigeonhole wants `UTF-8`.",
        served=True,
    )
    vacation: bool = domain(
        "SOGoVacationEnabled", boolean, default=False, doc="People may set vacation answers.", served=True
    )
    vacation_period: bool = domain(
        "SOGoVacationPeriodEnabled",
        boolean,
        default=True,
        doc="Vacation answers may be limited to dates, times and days of the week.",
        served=True,
    )
    vacation_subject: str = domain(
        "SOGoVacationDefaultSubject",
        text,
        "",
        "Subject of vacation answers whose senders have chosen none; `${subject}` is that of the mail answered.",
        served=True,
    )
    vacation_header_path: str = domain(
        "SOGoVacationHeaderTemplateFile",
        path,
        "",
        "File with text put before each vacation answer; `%{username}`, `%{daysBetweenResponse}`.",
        served=True,
    )
    vacation_footer_path: str = domain(
        "SOGoVacationFooterTemplateFile", path, "", "File with text put after each vacation answer.", served=True
    )
    vacation_zero_days: bool = domain(
        "SOGoVacationAllowZeroDays",
        boolean,
        default=False,
        doc="Answers may go to a sender more than once a day.",
        served=True,
    )
    forward: bool = domain(
        "SOGoForwardEnabled", boolean, default=False, doc="People may forward their mail.", served=True
    )
    forward_constraints: int = domain(
        "SOGoForwardConstraints",
        integer(),
        0,
        "Where to: 0 anywhere, 1 to addresses in a domain of one's own, 2 outside these, only to "
        "`SOGoForwardConstraintsDomains` if there are any, 3 both. It holds for filters that redirect, too.",
        served=True,
    )
    forward_domains: tuple[str, ...] = domain(
        "SOGoForwardConstraintsDomains", names, (), "Outside domains that mail may be forwarded to.", served=True
    )
    notification: bool = domain(
        "SOGoNotificationEnabled",
        boolean,
        default=False,
        doc="People may have a short mail sent elsewhere for each mail.",
        served=True,
    )
    scripts: bool = domain(
        "SOGoSieveScriptsEnabled", boolean, default=False, doc="People may write filters.", served=True
    )
    script_header_path: str = domain(
        "SOGoSieveScriptHeaderTemplateFile", path, "", "File with Sieve put before each script.", served=True
    )
    script_footer_path: str = domain(
        "SOGoSieveScriptFooterTemplateFile", path, "", "File with Sieve put after each script.", served=True
    )
    filters: Plain = user("SOGoSieveFilters", anything, [], "Filters of people who have set none.", served=True)
