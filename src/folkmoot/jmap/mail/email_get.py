"""``Email/get`` and ``Thread/get`` (RFC 8621 sections 4.2 and 3.1)."""

from collections.abc import Sequence
from typing import Final

from folkmoot.jmap.mail.describing import EMAIL, THREAD
from folkmoot.jmap.mail.email_shape import BodyArguments, EmailShape
from folkmoot.jmap.mail.emails import email_objects
from folkmoot.jmap.mail.ids import email_ids, root_of_thread_id, thread_id_of_root
from folkmoot.jmap.mail.mail_states import email_state
from folkmoot.jmap.mail.views import mailboxes_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.standard import GetArguments, Got, get_method


async def _load_emails(call: Call[BodyArguments], ids: Sequence[str] | None, properties: frozenset[str]) -> Got:
    if ids is None:
        raise MethodFailed("requestTooLarge", "ask for emails by id")
    shape = EmailShape(properties, call.arguments)
    state = await email_state(call.context, call.account)
    return Got(state, await email_objects(call.context, call.account, ids, shape))


async def _load_threads(call: Call[GetArguments], ids: Sequence[str] | None, _properties: frozenset[str]) -> Got:
    if ids is None:
        raise MethodFailed("requestTooLarge", "ask for threads by id")
    mailboxes = await mailboxes_of(call.context, call.account)
    roots = [root for id_ in ids if (root := root_of_thread_id(id_)) is not None]
    states = {mailboxes.by_id[id_].path: state for id_, state in mailboxes.states.items()}
    members = await call.services.mail.threads.members(call.caller, mailboxes.mail, states, roots)
    makers = {mailboxes.by_id[id_].path: email_ids(id_, state.uid_validity) for id_, state in mailboxes.states.items()}
    objects = {
        thread_id_of_root(root): {
            "id": thread_id_of_root(root),
            "emailIds": [makers[one.mailbox].id(one.uid) for one in found],
        }
        for root, found in members.items()
    }
    return Got(await email_state(call.context, call.account), objects)


EMAIL_GET: Final = get_method(EMAIL, _load_emails, BodyArguments)
THREAD_GET: Final = get_method(THREAD, _load_threads)
