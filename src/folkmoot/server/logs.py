"""Logging: one structured line an event, as text that SOGo's log readers know or as JSON, to a file or the console.

The text form is SOGo's, ``Nov 23 13:21:57 sogod [4711]: event key=value``, because fail2ban's stock filter and the
administrators' scripts match it.
"""

import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final

import msgspec
import structlog

request_id: ContextVar[str] = ContextVar("request_id", default="")

MESSAGE_MAX: Final = 16 * 1024  # characters of one line; a transcript may be longer than anybody reads
SECRET_KEYS: Final = re.compile(r"passw|secret|token|authorization|cookie|credential", re.IGNORECASE)
LEVELS: Final = {
    "debug": logging.DEBUG,
    "all": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "fatal": logging.CRITICAL,
    "off": logging.CRITICAL + 1,
}
_PLAIN: Final = re.compile(r"[^\s\"'=\x00-\x1f\x7f-\x9f]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class LogFile:
    """The log's file, opened again on request after it was rotated away; ``-`` is standard error."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor = self._open()

    def write(self, line: str) -> None:
        """Append one line; a full disk must not stop the service."""
        with suppress(OSError):
            os.write(self._descriptor, line.encode("utf-8", "backslashreplace") + b"\n")

    def reopen(self) -> None:
        """Continue in a new file of the same name; stay with the old one where that fails."""
        if self._path == "-":
            return
        try:
            fresh = self._open()
        except OSError:
            return
        os.dup2(fresh, self._descriptor)
        os.close(fresh)

    def _open(self) -> int:
        if self._path == "-":
            return sys.stderr.fileno()
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)


def configure(file: LogFile, *, json: bool, level: str) -> None:
    """Send every room's events, and those of the libraries, to ``file``."""
    render = render_json if json else render_text
    _requests.file, _requests.json = file if LEVELS.get(level, 0) <= logging.INFO else None, json
    threshold = LEVELS.get(level, logging.INFO)
    structlog.configure(
        processors=[structlog.processors.add_log_level, _with_request, _mask, _render_with(render)],
        wrapper_class=structlog.make_filtering_bound_logger(min(threshold, logging.CRITICAL)),
        logger_factory=lambda *_: _Sink(file if threshold <= logging.CRITICAL else None),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_LibraryHandler()]
    root.setLevel(max(threshold, logging.WARNING))  # libraries speak when something is wrong
    # Refused bytes of a peer are no event of ours; what goes wrong in the application is logged there.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)


def write_request(**fields: object) -> None:
    """Write the line of one request; straight to the file, as nothing else is logged half as often."""
    if _requests.file is not None:
        event = {"event": "request", "level": "info", **fields}
        _requests.file.write(render_json(event) if _requests.json else render_text(event))


def render_text(event: MutableMapping[str, Any]) -> str:
    """Return an event as SOGo would have written it, followed by its fields."""
    stamp = _stamp(int(time.time()))
    level = event.pop("level", "info")
    problem = event.pop("exception", "")
    head = f"{stamp} sogod [{os.getpid()}]: {_CONTROL.sub(_escape, str(event.pop('event', '')))}"
    fields = [f"{key}={_value(value)}" for key, value in event.items() if value not in ("", None)]
    if level not in ("info", "debug") and (fields or problem):
        fields.append(f"level={level}")
    line = " ".join([head, *fields])[:MESSAGE_MAX]
    return f"{line}\n  {problem.replace(chr(10), chr(10) + '  ')}" if problem else line


def render_json(event: MutableMapping[str, Any]) -> str:
    """Return an event as one JSON object, its time in UTC (RFC 3339)."""
    now = time.time()
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
    ordered = {"time": f"{whole}.{int(now % 1 * 1000):03}Z", "pid": os.getpid(), **event}
    return msgspec.json.encode(ordered, enc_hook=str).decode()


@lru_cache(maxsize=2)
def _stamp(second: int) -> str:
    return time.strftime("%b %d %H:%M:%S", time.localtime(second))


def _render_with(
    render: Callable[[MutableMapping[str, Any]], str],
) -> Callable[[Any, str, MutableMapping[str, Any]], str]:
    def processor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
        caught = event.pop("exc_info", None)
        if caught:
            error = caught if isinstance(caught, BaseException) else sys.exc_info()[1]
            if error is not None:
                event["exception"] = "".join(traceback.format_exception(error)).rstrip()
        return render(event)

    return processor


def _with_request(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    request = request_id.get()
    if request:
        event.setdefault("request", request)
    return event


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in event:
        if key != "event" and SECRET_KEYS.search(key):
            event[key] = "***"
    return event


def _value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    if _PLAIN.fullmatch(text):
        return text
    escaped = _CONTROL.sub(_escape, text.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{escaped}"'


def _escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode()


class _Requests:
    """Where lines of requests go."""

    file: LogFile | None = None
    json = False


_requests: Final = _Requests()


class _Sink:
    """Where structlog leaves its finished lines."""

    def __init__(self, file: LogFile | None) -> None:
        self._file = file

    def msg(self, line: str) -> None:
        if self._file is not None:
            self._file.write(line)

    debug = info = warning = warn = error = critical = fatal = exception = log = msg


class _LibraryHandler(logging.Handler):
    """Passes on what libraries log with the standard library."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger()
        logger.log(
            record.levelno,
            record.getMessage(),
            logger=record.name,
            exc_info=record.exc_info[1] if record.exc_info else None,
        )
