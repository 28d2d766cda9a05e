"""``Email/changes`` and ``Thread/changes`` (RFC 8621 sections 4.3 and 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.jmap.mail.describing import EMAIL, THREAD
from folkmoot.jmap.mail.ids import email_ids, parse_email_id, thread_id_of_root
from folkmoot.jmap.mail.mail_states import read_vector, write_vector
from folkmoot.jmap.mail.views import Mailboxes, mailboxes_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.standard import ChangesArguments, Delta, changes_method
from folkmoot.mailboxes.changes import CannotCalculate, MailboxChanges
from folkmoot.mailboxes.states import MailboxState

_UNKNOWN: Final = "cannotCalculateChanges"


@dataclass(slots=True)
class _Told:
    """What has changed, as far as it is told in one answer."""

    state: dict[str, MailboxState]
    left: int
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    destroyed: list[str] = field(default_factory=list)
    more: bool = False


async def _follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    told = await _changes(call, since, most)
    return Delta(write_vector(told.state), told.created, told.updated, told.destroyed, told.more)


async def _changes(call: Call[ChangesArguments], since: str, most: int) -> _Told:
    """Return what has changed in all mailboxes; at most ``most`` ids.

    Raises:
        MethodFailed: ``cannotCalculateChanges``.
    """
    try:
        was = read_vector(since)
    except MalformedInput as error:
        raise MethodFailed(_UNKNOWN, str(error)) from error
    mailboxes = await mailboxes_of(call.context, call.account)
    now = mailboxes.states
    told = _Told(dict(was), most)
    for id_ in sorted(was.keys() | now.keys()):
        if was.get(id_) == now.get(id_) and (state := now.get(id_)) is not None and state.modseq:
            continue
        if told.left <= 0:
            told.more = True
            break
        before = was.get(id_)
        if id_ not in now:
            if before is not None and before.messages:
                raise MethodFailed(_UNKNOWN, "a mailbox was deleted, and nothing tells what was in it")
            told.state.pop(id_)
        elif before is None or before.uid_validity != now[id_].uid_validity:
            if before is not None and before.messages:
                raise MethodFailed(_UNKNOWN, "a mailbox was made anew")
            await _take(call, mailboxes, id_, MailboxState(now[id_].uid_validity, 1, 0, 0, now[id_].modseq), told)
        else:
            await _take(call, mailboxes, id_, before, told)
    return told


async def _take(
    call: Call[ChangesArguments], mailboxes: Mailboxes, id_: str, before: MailboxState, told: _Told
) -> None:
    """Tell what has changed in one mailbox; where there is too much that was created, the first of it."""
    following = call.services.mail.following
    path, state = mailboxes.by_id[id_].path, mailboxes.states[id_]
    if not state.messages and not before.messages:
        told.state[id_] = state
        return
    try:
        changes: MailboxChanges = await following.since(call.caller, mailboxes.mail, path, str(before))
    except (CannotCalculate, NotFound) as error:
        raise MethodFailed(_UNKNOWN, str(error)) from error
    id_of = email_ids(id_, changes.state.uid_validity).id
    rest = told.left - len(changes.changed) - len(changes.vanished) - len(changes.hidden)
    if rest < 0 or (changes.created and not rest):
        if told.created or told.updated or told.destroyed:  # with the next answer
            told.more, told.left = True, 0
            return
        raise MethodFailed(_UNKNOWN, "more has changed than maxChanges allows to tell")
    created = changes.created[:rest]
    if len(created) < len(changes.created):
        told.more = True
        untold = len(changes.created) - len(created)
        present = changes.state
        told.state[id_] = replace(present, uid_next=created[-1] + 1, messages=present.messages - untold)
        told.left = 0
    else:
        told.state[id_] = changes.state
        told.left = rest - len(created)
    told.created += map(id_of, created)
    told.updated += map(id_of, changes.changed)
    told.destroyed += map(id_of, (*changes.vanished, *changes.hidden))


async def _follow_threads(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    told = await _changes(call, since, most)
    mailboxes = await mailboxes_of(call.context, call.account)
    appeared = await _roots(call, mailboxes, told.created)
    touched = set(appeared.values())
    for id_ in told.destroyed:
        root = _remembered_root(call, mailboxes, id_)
        if root is None:
            raise MethodFailed(_UNKNOWN, "it is not known to which thread an email belonged that is gone")
        touched.add(root)
    states = {mailboxes.by_id[id_].path: state for id_, state in mailboxes.states.items()}
    members = await call.services.mail.threads.members(call.caller, mailboxes.mail, states, touched)
    created, updated, destroyed = [], [], []
    for root in sorted(touched):
        emails = {
            email_ids(mailboxes.ids[one.mailbox], states[one.mailbox].uid_validity).id(one.uid)
            for one in members.get(root, ())
        }
        if not emails:
            destroyed.append(thread_id_of_root(root))
        elif emails <= appeared.keys():
            created.append(thread_id_of_root(root))
        else:
            updated.append(thread_id_of_root(root))
    return Delta(write_vector(told.state), created, updated, destroyed, told.more)


async def _roots(call: Call[ChangesArguments], mailboxes: Mailboxes, ids: list[str]) -> Mapping[str, int]:
    together: dict[str, list[int]] = {}
    for id_ in ids:
        email = parse_email_id(id_)
        if email is not None:
            together.setdefault(email.mailbox, []).append(email.uid)
    found: dict[str, int] = {}
    for mailbox, uids in together.items():
        path, state = mailboxes.by_id[mailbox].path, mailboxes.states[mailbox]
        roots = await call.services.mail.threads.roots(call.caller, mailboxes.mail, path, state, uids)
        maker = email_ids(mailbox, state.uid_validity)
        found |= {maker.id(uid): root for uid, root in roots.items()}
    return found


def _remembered_root(call: Call[ChangesArguments], mailboxes: Mailboxes, id_: str) -> int | None:
    email = parse_email_id(id_)
    path = mailboxes.path(email.mailbox) if email is not None else None
    if email is None or path is None:
        return None
    return call.services.mail.threads.remembered_root(call.caller, mailboxes.mail, path, email.uid_validity, email.uid)


EMAIL_CHANGES: Final = changes_method(EMAIL, _follow)
THREAD_CHANGES: Final = changes_method(THREAD, _follow_threads)
