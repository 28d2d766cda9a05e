"""What Dovecot is told: values in, the files of its configuration out.

The private Dovecot of the embedded set-up and one in production differ in their values only.  Who signs in and who
exists Dovecot asks us over HTTP (``calls``), so there is no second list of people; the same way it tells us what
happens to mailboxes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from folkmoot.core.errors import ConfigurationError
from folkmoot.stack.dovecot_text import Node, Section, Setting, section, settings, write, write_flat
from folkmoot.stack.lua import script

CONF: Final = "dovecot.conf"
PASSWORDS: Final = "passwords.conf"
TOKENS: Final = "tokens.conf"
LUA: Final = "folkmoot.lua"
BEFORE: Final = "before.sieve"
LOGINS_MAX: Final = 1000  # connections of one person: devices, and each worker's pool, all from one address
PROCESSES_MAX: Final = 2048  # IMAP sessions at once, of everybody
ASKED_MAX: Final = 2 * PROCESSES_MAX  # connections to the auth process; each session has one
ASK_MILLISECONDS: Final = 10_000  # for an answer of ours; verifying a password takes up to a second on a busy machine
# What a mail list shows and threads need; without these a first look at a folder reads every message.
_CACHED: Final = (
    "flags date.received date.sent size.virtual size.physical imap.envelope imap.bodystructure mime.parts "
    "hdr.date hdr.from hdr.sender hdr.reply-to hdr.to hdr.cc hdr.bcc hdr.subject hdr.content-type "
    "hdr.message-id hdr.in-reply-to hdr.references hdr.importance hdr.x-priority hdr.priority "
    "hdr.disposition-notification-to hdr.list-id hdr.list-unsubscribe"
)
# As SOGo's scripts and ours use them; those that Pigeonhole has on by default need no word.
_SIEVE_EXTENSIONS: Final = "+notify +imapflags +editheader +vacation-seconds +vnd.dovecot.duplicate"
_JUNK: Final = """\
require ["fileinto", "mailbox"];
# What a filter before us has marked; a person's own rules come after this.
if anyof (header :is "X-Spam-Flag" "YES", header :is "X-Spam" "Yes") {{
  fileinto :create "{junk}";
  stop;
}}
"""


@dataclass(frozen=True, slots=True)
class Folders:
    """Names of the special folders."""

    drafts: str = "Drafts"
    sent: str = "Sent"
    trash: str = "Trash"
    junk: str = "Junk"
    templates: str = "Templates"

    def special_uses(self) -> Mapping[str, str]:
        """Return the special use of each (RFC 6154); templates have none that servers know."""
        return {self.drafts: "\\Drafts", self.sent: "\\Sent", self.trash: "\\Trash", self.junk: "\\Junk"}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the private Dovecot listens on loopback."""

    imap: int
    sieve: int
    submission: int


@dataclass(frozen=True, slots=True)
class RunsAs:
    """The users of Dovecot's processes; an unprivileged Dovecot has one for everything."""

    internal: str
    internal_group: str
    login: str
    mail: str
    mail_group: str

    @property
    def one(self) -> bool:
        """Whether everything runs as one user, so that nothing can be locked into a directory."""
        return self.internal == self.login == self.mail


@dataclass(frozen=True, slots=True)
class DovecotValues:
    """All that the configuration says."""

    directory: Path  # for its files
    homes: Path  # of people's mail, a directory each
    base: Path  # for its sockets; short, as socket names have 107 characters
    ports: Ports
    runs_as: RunsAs
    calls_url: str  # where ``calls`` answers, without a final slash
    secret: str = field(repr=False)  # that it shows there
    relay_port: int  # where what is submitted goes, on loopback
    relay_name: str  # as whom it signs in there, with the secret
    hostname: str = "localhost"
    folders: Folders = Folders()
    quota_megabytes: int = 0  # of each person; 0: none
    message_kilobytes: int = 0  # of a message that is submitted; 0: any


def files(values: DovecotValues) -> Mapping[str, str]:
    """Return the configuration's files by name; all but the first hold the secret.

    Raises:
        ConfigurationError: a value that Dovecot cannot be told.
    """
    if any("%" in str(path) for path in (values.directory, values.homes, values.base)):
        raise ConfigurationError("Dovecot cannot be told a directory with % in its name")
    junk = values.folders.junk.replace("\\", "\\\\").replace('"', '\\"')
    return {
        CONF: write(_configuration(values)),
        PASSWORDS: write_flat(
            settings(
                grant_url=f"{values.calls_url}/login",
                use_grant_password=True,
                **_shown(values),
            )
        ),
        TOKENS: write_flat(
            settings(
                introspection_url=f"{values.calls_url}/login",
                introspection_mode="post",
                force_introspection=True,
                active_attribute="active",
                active_value="true",
                **_shown(values),
            )
        ),
        LUA: script(values.calls_url, values.secret),
        BEFORE: _JUNK.format(junk=junk),
    }


def _shown(values: DovecotValues) -> dict[str, str | int]:
    runs_as = values.runs_as
    home = f"userdb_uid={runs_as.mail} userdb_gid={runs_as.mail_group} userdb_home={values.homes}/%{{oauth2:principal}}"
    return {
        "client_id": "dovecot",
        "client_secret": values.secret,
        "username_attribute": "username",
        "username_format": "%u",  # as it was sent; whose it is stands beside it
        "pass_attrs": f"user=%{{oauth2:principal}} {home}",
        "timeout_msecs": ASK_MILLISECONDS,
    }


def _configuration(values: DovecotValues) -> tuple[Node, ...]:
    directory, runs_as = values.directory, values.runs_as
    return (
        *settings(
            base_dir=str(values.base),
            state_dir=f"{directory}/state",
            log_path="/dev/stderr",
            info_log_path=f"{directory}/dovecot.log",
            protocols="imap lmtp sieve submission",
            listen="127.0.0.1",
            hostname=values.hostname,
            ssl=False,
            disable_plaintext_auth=False,  # loopback only
            auth_mechanisms="plain login xoauth2 oauthbearer",
            auth_username_chars="",  # we say who exists
            auth_cache_size=0,  # we remember, and forget when a password changes
            default_internal_user=runs_as.internal,
            default_internal_group=runs_as.internal_group,
            default_login_user=runs_as.login,
            first_valid_uid=1,
            mail_location="sdbox:~/mail",
            mail_attribute_dict="file:%h/dovecot-attributes",
            mail_plugins="acl quota notify push_notification mail_lua push_notification_lua",
            mail_max_userip_connections=LOGINS_MAX,
            mail_always_cache_fields=_CACHED,
            mail_sort_max_read_count=0,
            recipient_delimiter="+",
            postmaster_address=f"postmaster@{values.hostname}",
            lda_mailbox_autocreate=True,
            lda_mailbox_autosubscribe=True,
            lmtp_rcpt_check_quota=True,
            submission_host=f"127.0.0.1:{values.relay_port}",  # vacation answers, forwards and notices of Sieve
            submission_relay_host="127.0.0.1",
            submission_relay_port=values.relay_port,
            submission_relay_user=values.relay_name,  # for whom it speaks it says with MAIL
            submission_relay_password=values.secret,
            submission_max_mail_size=f"{values.message_kilobytes}k" if values.message_kilobytes else 0,
        ),
        *_databases(values),
        *_namespaces(values.folders),
        _plugin(values),
        section("protocol", "imap", *settings(mail_plugins="$mail_plugins imap_quota imap_acl", imap_metadata=True)),
        section("protocol", "lmtp", *settings(mail_plugins="$mail_plugins sieve")),
        *_services(values),
    )


def _databases(values: DovecotValues) -> tuple[Section, ...]:
    directory, runs_as = values.directory, values.runs_as
    home = f"uid={runs_as.mail} gid={runs_as.mail_group} home={values.homes}/%u"
    return (
        section("passdb", "", *settings(driver="oauth2", mechanisms="plain login", args=f"{directory}/{PASSWORDS}")),
        section(
            "passdb", "", *settings(driver="oauth2", mechanisms="xoauth2 oauthbearer", args=f"{directory}/{TOKENS}")
        ),
        section("userdb", "", *settings(driver="prefetch")),  # who signs in is known from that
        # Others: recipients of LMTP, owners of shared folders.
        section("userdb", "", *settings(driver="lua", args=f"file={directory}/{LUA}", override_fields=home)),
    )


def _namespaces(folders: Folders) -> tuple[Section, ...]:
    uses = folders.special_uses()
    mailboxes = [
        section("mailbox", name, *settings(auto="subscribe"), *settings(special_use=use)) for name, use in uses.items()
    ]
    templates = section("mailbox", folders.templates, *settings(auto="subscribe"))
    return (
        section("namespace", "inbox", *settings(inbox=True, separator="/"), *mailboxes, templates),
        section(
            "namespace",
            "shared",
            *settings(
                type="shared",
                separator="/",
                prefix="shared/%%u/",
                location="sdbox:%%h/mail:INDEXPVT=~/shared/%%u",
                subscriptions=False,
                list="children",
            ),
        ),
    )


def _plugin(values: DovecotValues) -> Section:
    directory = values.directory
    quota = f"{values.quota_megabytes}M" if values.quota_megabytes else "0"
    return section(
        "plugin",
        "",
        *settings(
            quota="count:User quota",
            quota_rule=f"*:storage={quota}",
            quota_vsizes=True,
            acl="vfile",
            acl_user="%u",  # a master user's login would see nothing without it
            acl_shared_dict=f"file:{directory}/shared-mailboxes",
            push_notification_driver=f"lua:file={directory}/{LUA}",
            sieve="file:~/sieve;active=~/.dovecot.sieve",
            sieve_before=f"{directory}/{BEFORE}",
            sieve_extensions=_SIEVE_EXTENSIONS,
            sieve_vacation_send_from_recipient=True,
            sieve_redirect_envelope_from="recipient",  # the relay lets people send as themselves
            sieve_max_redirects=10,
        ),
    )


def _services(values: DovecotValues) -> tuple[Section, ...]:
    ports = values.ports
    unlocked: tuple[Setting, ...] = settings(chroot="") if values.runs_as.one else ()

    def login(service: str, listener: str, port: int, *others: Node) -> Section:
        listening = section("inet_listener", listener, *settings(address="127.0.0.1", port=port))
        return section(
            "service",
            f"{service}-login",
            listening,
            *others,
            *unlocked,
            *settings(service_count=0, process_limit=1, client_limit=4000),  # one process for everybody's sign-in
        )

    no_tls = section("inet_listener", "imaps", *settings(port=0))
    # Failed sign-ins of one person would slow everybody's down, as all come from this machine.
    penalty = section("unix_listener", "anvil-auth-penalty", *settings(mode=0))
    private = settings(mode="0600", user=values.runs_as.mail)
    sessions = settings(process_limit=PROCESSES_MAX, service_count=100)
    return (
        login("imap", "imap", ports.imap, no_tls),
        login("managesieve", "sieve", ports.sieve),
        login("submission", "submission", ports.submission),
        section("service", "imap", *sessions),
        section("service", "lmtp", section("unix_listener", "lmtp", *private), *settings(user=values.runs_as.mail)),
        section(
            "service",
            "auth",
            section("unix_listener", "auth-userdb", *private),
            *settings(client_limit=ASKED_MAX),
        ),
        section("service", "anvil", penalty, *unlocked),
        section("service", "stats", *unlocked),
    )
