"""``OutboxLetter``, ``Job``, ``MessageOfTheDay``, ``Peer`` and ``AuditEntry``."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from folkmoot.administration.work import MessageOfTheDay
from folkmoot.jmap.administration.describing import AUDIT_ENTRY, JOB, MESSAGE, OUTBOX_LETTER, PEER
from folkmoot.jmap.protocol.calling import Answer, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, DataType, Id
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, set_method
from folkmoot.jmap.telling import SINGLETON, OwnSetter, Tell, number_of, reading, utc, utc_or_none

WAITING: Final = "waiting"


class JobArguments(Arguments):
    """Of ``Job/runNow``."""

    account_id: Id
    id: Id


async def tell_letters(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the mails that were not sent, the newest first."""
    return {
        str(one.id): {
            "id": str(one.id),
            "state": one.state.value,
            "kind": one.kind,
            "sender": one.sender,
            "recipient": one.recipient,
            "attempts": one.attempts,
            "fault": one.fault,
            "created": utc(one.created_at),
            "changed": utc(one.modified_at),
        }
        for one in await context.services.administration.letters(context.caller)
    }


class LetterSetter(OwnSetter):
    """Sends mails again, and forgets them."""

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        number = number_of(id_, self.kind)
        present = (await tell_letters(self.call.context)).get(id_)
        if present is None:
            raise SetFailed("notFound", "no such mail is waiting")
        patch = OUTBOX_LETTER.refuse_fixed(patch, present)
        if OUTBOX_LETTER.check("state", patch.of("state", present["state"])) != WAITING:
            raise InvalidProperties("a mail is only set to waiting", "state")
        await self.call.services.administration.retry(self.call.caller, number)
        return {"attempts": 0}

    async def destroy_one(self, id_: str) -> None:
        await self.call.services.administration.discard(self.call.caller, number_of(id_, self.kind))


async def tell_jobs(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the jobs, the next due first."""
    return {
        str(one.id): {
            "id": str(one.id),
            "kind": one.kind,
            "key": one.key,
            "due": utc(one.due_at),
            "runningUntil": utc(one.leased_until) if one.lease else None,
            "attempts": one.attempts,
            "fault": one.fault,
        }
        for one in await context.services.administration.jobs(context.caller)
    }


async def _run_now(call: Call[JobArguments]) -> Answer:
    try:
        number = number_of(call.arguments.id, JOB)
    except SetFailed as error:
        raise MethodFailed("notFound", str(error)) from error
    await call.services.administration.run_now(call.caller, number)
    return {"accountId": call.account.id}


async def tell_message(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the one object."""
    message = await context.services.administration.message()
    told = {
        "id": SINGLETON,
        "text": message.text,
        "since": utc_or_none(message.since),
        "until": utc_or_none(message.until),
    }
    return {SINGLETON: told}


class MessageSetter(OwnSetter):
    """Tells everybody something else."""

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        raise SetFailed("singleton", "there is one, and no more")

    async def destroy_one(self, id_: str) -> None:
        raise SetFailed("singleton", "there is one, always; its text may be empty")

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        if id_ != SINGLETON:
            raise SetFailed("notFound", "there is one object, singleton")
        present = (await tell_message(self.call.context))[SINGLETON]
        patch = MESSAGE.refuse_fixed(patch, present)
        wanted = {name: MESSAGE.check(name, patch.of(name, present[name])) for name in ("text", "since", "until")}
        message = MessageOfTheDay(
            wanted["text"] or "", _milliseconds(wanted["since"], "since"), _milliseconds(wanted["until"], "until")
        )
        await self.call.services.administration.set_message(self.call.caller, message)
        return None


def _milliseconds(text: str | None, name: str) -> int | None:
    if text is None:
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError as error:
        raise InvalidProperties("there is no such time", name) from error


async def tell_peers(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Ask all peers."""
    found = await context.services.administration.health(context.caller)
    return {one.name: {"id": one.name, "milliseconds": one.milliseconds, "fault": one.fault} for one in found}


async def tell_entries(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return what administrators have done, the last first."""
    return {
        str(one.id): {
            "id": str(one.id),
            "at": utc(one.created_at),
            "actor": one.actor,
            "action": one.action,
            "subject": one.subject,
            "details": dict(one.properties),
        }
        for one in await context.services.administration.entries(context.caller)
    }


def _setter(kind: DataType, tell: Tell, setter: type[OwnSetter]) -> Method:
    return set_method(kind, lambda call: setter(kind, call, tell))


METHODS: Final = (
    reading(OUTBOX_LETTER, tell_letters)[0],
    _setter(OUTBOX_LETTER, tell_letters, LetterSetter),
    reading(JOB, tell_jobs)[0],
    Method("Job/runNow", JobArguments, _run_now, "Lets a job be done at once.", writes=True),
    reading(MESSAGE, tell_message)[0],
    _setter(MESSAGE, tell_message, MessageSetter),
    reading(PEER, tell_peers)[0],
    reading(AUDIT_ENTRY, tell_entries)[0],
)
