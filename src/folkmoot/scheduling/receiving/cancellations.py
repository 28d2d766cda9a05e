"""CANCEL, as an attendee's copy takes it: of all, of one instance, of all from one on (RFC 5546 section 3.2.5).

What is cancelled goes: SOGo and Apple's server delete it from the attendee's calendar, and so do we.
"""

from folkmoot.ical import Component, When
from folkmoot.ical.series import Key
from folkmoot.scheduling.meeting import address_of, components, own_line
from folkmoot.scheduling.messages import delegators_of
from folkmoot.scheduling.own_parts import tells_more
from folkmoot.scheduling.receiving.draft import Draft
from folkmoot.scheduling.receiving.incoming import (
    NO_AUTHORITY,
    UNKNOWN_INSTANCE,
    UNKNOWN_UID,
    Incoming,
    combined,
    unknown,
)
from folkmoot.scheduling.receiving.versions import Version, set_version, stored_version_of, version_of
from folkmoot.scheduling.values import Address, Effect, Receipt
from folkmoot.scheduling.writing import as_sent


def receive_cancel(copy: Component | None, incoming: Incoming) -> Receipt:
    """Return what a cancellation makes of a copy.

    Raises:
        MalformedInput: a date, time, duration or rule of the copy cannot be read.
    """
    if copy is None:
        return unknown(UNKNOWN_UID)
    own = incoming.recipient.addresses
    if not incoming.is_from_organizer_of(copy) and not is_delegated(copy, own, incoming.sender):
        return unknown(NO_AUTHORITY)
    draft = Draft(copy, incoming.default_zone)
    master = incoming.parts.master
    if master is not None:
        return _cancel_all(draft, master, incoming)
    effects: list[Effect] = []
    for component in incoming.parts.overrides.values():
        effect, left = _cancel_instance(draft, component, incoming)
        if left is None:
            return Receipt(Effect.REMOVED, significant=True)
        effects.append(effect)
        draft = left
    effect = combined(effects)
    if effect is Effect.UNKNOWN:
        return unknown(UNKNOWN_INSTANCE)
    if effect is not Effect.APPLIED:
        return Receipt(effect)
    if draft.is_empty():
        return Receipt(Effect.REMOVED, significant=True)
    if as_sent(draft.calendar, copy):
        return Receipt(Effect.UNCHANGED)
    return Receipt(Effect.APPLIED, draft.calendar, significant=tells_more(copy, draft.calendar, incoming.recipient))


def is_delegated(copy: Component, recipient: frozenset[Address], sender: Address | None) -> bool:
    """Whether the sender had delegated to the copy's owner, and so may take it back (RFC 5546 section 4.2.5).

    Who delegated to a delegate may, too.
    """
    for one in components(copy):
        lines = {address_of(line): line for line in one.all("ATTENDEE")}
        waiting = [who for who in lines if who in recipient]
        known = set(waiting)
        for who in waiting:  # grows along the chain; no address comes twice
            delegators = delegators_of(lines[who]) if who in lines else frozenset()
            if sender in delegators:
                return True
            waiting.extend(sorted(delegators - known))
            known |= delegators
    return False


def _cancel_all(draft: Draft, cancelled: Component, incoming: Incoming) -> Receipt:
    version = version_of(cancelled)
    had = draft.master if draft.master is not None else next(iter(draft.overrides.values()), None)
    if had is not None and version.is_older_than(stored_version_of(had)):
        return Receipt(Effect.STALE)
    if _is_about_recipient(cancelled, incoming):
        return Receipt(Effect.REMOVED, significant=True)
    gone = {address_of(line) for line in cancelled.all("ATTENDEE")}
    touched = False
    for component in draft.components:
        kept = [line for line in component.properties if line.name != "ATTENDEE" or address_of(line) not in gone]
        touched = touched or len(kept) < len(component.properties)
        component.properties[:] = kept
    return Receipt(Effect.APPLIED, draft.calendar) if touched else Receipt(Effect.UNCHANGED)


def _cancel_instance(draft: Draft, component: Component, incoming: Incoming) -> tuple[Effect, Draft | None]:
    """Return what became of one instance, and what is left of the copy."""
    version = version_of(component)
    key = draft.key_of(component, incoming.parts)
    line = component.get("RECURRENCE-ID")
    assert key is not None  # noqa: S101  # overrides have a RECURRENCE-ID
    assert line is not None  # noqa: S101
    if not _is_about_recipient(component, incoming):
        return Effect.UNCHANGED, draft
    present = draft.overrides.get(key)
    if present is not None and version.is_older_than(stored_version_of(present)):
        return Effect.STALE, draft
    if (line.param("RANGE") or "").upper() == "THISANDFUTURE":
        return _cancel_future(draft, key, version, incoming.parts.zones.when(line))
    if present is None and key in draft.excluded:
        return _cancel_again(draft, key, version)
    if draft.is_only(key):
        return Effect.APPLIED, None
    if present is None and draft.instance(key) is None:
        return Effect.UNKNOWN, draft
    if present is None and _is_stale(draft, component):
        return Effect.STALE, draft
    _leave_out(draft, key, component)
    return Effect.APPLIED, draft


def _cancel_again(draft: Draft, key: Key, version: Version) -> tuple[Effect, Draft]:
    """Note the latest word about an instance that is left out already."""
    noted = draft.version_excluded(key)
    if version.stamp is None or (noted is not None and not noted.is_older_than(version)):
        return Effect.UNCHANGED, draft
    draft.note(key, version)
    return Effect.APPLIED, draft


def _cancel_future(draft: Draft, key: Key, version: Version, when: When) -> tuple[Effect, Draft | None]:
    """Let the series end before an instance; what the organizer said before of the whole is older than that."""
    span = draft.parts.series.span
    first = draft.master is not None and span is not None and draft.parts.key(span.start) == key
    if not first and key not in draft.overrides and draft.instance(key) is None:
        return Effect.UNKNOWN, draft
    left = draft.without_future(when)
    if left is not None and left.master is not None and stored_version_of(left.master).is_older_than(version):
        set_version(left.master, version)
    return Effect.APPLIED, left


def _leave_out(draft: Draft, key: Key, component: Component) -> None:
    if draft.master is not None and draft.instance(key) is not None:
        draft.exclude(key, version_of(component))
    else:
        draft.drop(key)


def _is_stale(draft: Draft, component: Component) -> bool:
    if draft.master is None:
        return False
    version, had = version_of(component), stored_version_of(draft.master)
    earlier = version.stamp is not None and had.stamp is not None and version.stamp < had.stamp
    return version.sequence < had.sequence and earlier


def _is_about_recipient(component: Component, incoming: Incoming) -> bool:
    """Whether the recipient is uninvited, or all are; a CANCEL may also tell that others were."""
    status = component.get("STATUS")
    if component.get("ATTENDEE") is None or (status is not None and status.value.strip().upper() == "CANCELLED"):
        return True
    return own_line(component, incoming.recipient.addresses) is not None
