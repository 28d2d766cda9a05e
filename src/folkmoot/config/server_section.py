"""Parameters of the processes, the HTTP side and logging (`WO…`, `So…`)."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

from folkmoot.config.declaring import system
from folkmoot.config.kinds import (
    ListenAddress,
    array,
    boolean,
    choice,
    integer,
    listen_address,
    names,
    network,
    path,
    text,
)

LOOPBACK: Final = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Processes, sockets, limits of requests, and the web server in front."""

    workers: int = system(
        "WOWorkersCount",
        integer(1, 1_024),
        1,
        "Worker processes. The environment variable `PREFORK` overrides it. A waiting device does not need a process "
        "of its own: one worker a processor core is plenty.",
        served=True,
    )
    listen: ListenAddress = system(
        "WOPort",
        listen_address,
        ListenAddress(),
        "Address to accept connections on: a port (then on all addresses), `host:port`, `[IPv6]:port`, or "
        "`unix:/path` for a unix socket.",
        served=True,
    )
    listen_queue_size: int = system(
        "WOListenQueueSize",
        integer(1, 65_535),
        128,
        "Connections that may wait to be accepted. SOGo's default of 5 refuses clients in short bursts.",
        served=True,
    )
    pid_file: str = system(
        "WOPidFile",
        path,
        "/var/run/sogo/sogo.pid",
        "File with the process id of the parent process.",
        served=True,
    )
    watchdog_request_timeout_minutes: int = system(
        "WOWatchDogRequestTimeout",
        integer(),
        10,
        "A worker that has not answered its supervisor for so long is replaced. Waiting requests do not count.",
        served=True,
        unit="minutes",
    )
    upload_max_kilobytes: int = system(
        "WOMaxUploadSize",
        integer(),
        0,
        "Largest body of a request; 0 sets no limit beside those of the single kinds of object.",
        served=True,
        unit="kB",
    )
    allowed_clients: tuple[str, ...] = system(
        "WOHttpAllowHost",
        names,
        (),
        "Addresses or networks that may connect; empty allows all.",
        served=True,
    )
    receive_timeout_seconds: int = system(
        "WOHttpAdaptorReceiveTimeout",
        integer(1),
        120,
        "How long a client may pause while it sends a request.",
        served=True,
        unit="seconds",
    )
    send_timeout_seconds: int = system(
        "WOHttpAdaptorSendTimeout",
        integer(1),
        120,
        "How long a client may pause while it takes an answer.",
        served=True,
        unit="seconds",
    )
    worker_memory_max_megabytes: int = system(
        "SxVMemLimit",
        integer(),
        384,
        "A worker above this size is replaced once its requests are done; 0 sets no limit.",
        served=True,
        unit="MB",
    )
    plain_answers: bool = system(
        "WODontZipResponse", boolean, default=False, doc="Send no answer compressed.", served=True
    )
    relative_urls: bool = system(
        "WOUseRelativeURLs",
        boolean,
        default=True,
        doc="Hrefs in DAV answers are paths; NO makes them whole URLs.",
        served=True,
    )
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = system(
        "FolkmootTrustedProxies",
        array(network, separator=","),
        LOOPBACK,
        "Addresses and networks of web servers in front whose `X-Forwarded-*`, `X-Real-IP` and `x-webobjects-*` "
        "headers are believed. From anywhere else these headers are ignored.",
        served=True,
    )
    public_url: str = system(
        "FolkmootPublicURL",
        text,
        "",
        "Scheme, host and port under which people reach the server, for example `https://mail.example.com`. Empty "
        "takes them from a trusted proxy's headers.",
        served=True,
    )
    state_directory: str = system(
        "FolkmootStateDirectory",
        path,
        "/var/lib/folkmoot",
        "Directory for what the server keeps by itself: the embedded database and generated secrets. If it is not set, "
        "an ordinary user's server takes `$XDG_STATE_HOME/folkmoot`, and systemd's `$STATE_DIRECTORY` is honoured.",
        served=True,
    )
    embedded_mail: bool = system(
        "FolkmootEmbeddedMail",
        boolean,
        default=False,
        doc="Run a private Dovecot for the people of the built-in user source, with their mail below the state "
        "directory. If it is not set, it is YES where the configuration names no database, no user source and no IMAP, "
        "SMTP or Sieve server: where somebody tries Folkmoot out.",
        served=True,
    )
    embedded_mail_quota_megabytes: int = system(
        "FolkmootEmbeddedMailQuota",
        integer(),
        0,
        "How much mail each person may keep in the private Dovecot; 0 sets no limit.",
        served=True,
        unit="MB",
    )
    mail_events_secret: str = system(
        "FolkmootMailEventsSecret",
        text,
        "",
        "Secret with which a mail server of your own tells of new mail, at least 16 characters; see "
        "`folkmoot mail-events`.",
        secret=True,
        served=True,
    )
    metrics: bool = system(
        "FolkmootMetrics",
        boolean,
        default=False,
        doc="Answer `/metrics` in Prometheus' format to clients on the loopback interface.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggingSettings:
    """Where the log goes and what it tells."""

    file: str = system("WOLogFile", path, "/var/log/sogo/sogo.log", "The log; `-` is standard error.", served=True)
    format: str = system(
        "FolkmootLogFormat",
        choice("text", "json"),
        "text",
        "Form of the lines: `text` for people and fail2ban, `json` for log collectors.",
        served=True,
    )
    requests: bool = system(
        "SOGoDebugRequests",
        boolean,
        default=False,
        doc="Log requests and answers whole, credentials masked, and send a `SOGo-Request-Duration` header.",
        served=True,
    )
    imap: bool = system(
        "ImapDebugEnabled", boolean, default=False, doc="Log the dialogue with the IMAP server.", served=True
    )
    smtp: bool = system(
        "SMTPDebugEnabled", boolean, default=False, doc="Log the dialogue with the SMTP server.", served=True
    )
    ldap: bool = system("LDAPDebugEnabled", boolean, default=False, doc="Log searches in LDAP sources.")
    web: bool = system("SOGoUIxDebugEnabled", boolean, default=False, doc="Log what the web application asks for.")
    activesync: bool = system("SOGoEASDebugEnabled", boolean, default=False, doc="Log ActiveSync documents.")
    api: bool = system("SOGoAPIDebugEnabled", boolean, default=False, doc="Log calls of the administration interface.")
    openid: bool = system(
        "SOGoOpenIDDebugEnabled", boolean, default=False, doc="Log the dialogue with OpenID providers."
    )
    level: str = system(
        "NGLogDefaultLogLevel",
        choice("debug", "info", "warn", "error", "fatal", "off", "all"),
        "info",
        "Least level that is logged.",
        served=True,
    )
