"""REQUEST, PUBLISH and ADD, as an attendee's copy takes them (RFC 5546 sections 3.2.1, 3.2.2, 3.2.4)."""

from dataclasses import dataclass

from folkmoot.ical import Component, Line
from folkmoot.ical.series import Key
from folkmoot.scheduling.changes import content, people, terms
from folkmoot.scheduling.instances import Parts, written
from folkmoot.scheduling.meeting import address_of, answer, components, organizer_line, own_line
from folkmoot.scheduling.own_parts import filed, is_asked_again, merged, tells_more
from folkmoot.scheduling.receiving.draft import Draft
from folkmoot.scheduling.receiving.incoming import (
    NO_AUTHORITY,
    NO_SECOND_SERIES,
    UNKNOWN_UID,
    Incoming,
    combined,
    unknown,
)
from folkmoot.scheduling.receiving.versions import Version, set_version, stored_version_of, version_of
from folkmoot.scheduling.receiving.zone_definitions import adopt_zones, with_names
from folkmoot.scheduling.values import Actor, Effect, Receipt
from folkmoot.scheduling.writing import as_sent


def receive_request(copy: Component | None, incoming: Incoming) -> Receipt:
    """Return what an invitation or an update makes of a copy; a first one is filed, whoever forwarded it.

    Raises:
        MalformedInput: a date, time, duration or rule of the copy cannot be read.
    """
    line = organizer_line(incoming.calendar)
    if line is not None and address_of(line) in incoming.recipient.addresses:
        return unknown(NO_AUTHORITY)
    if copy is None:
        return _first(incoming)
    if not incoming.is_from_organizer_of(copy):
        return unknown(NO_AUTHORITY)
    draft = Draft(copy, incoming.default_zone)
    if incoming.parts.master is None:
        effect, calendar = _update_instances(draft, incoming), draft.calendar
    else:
        effect, calendar = _update_all(draft, incoming)
    return _receipt(copy, effect, calendar, incoming.recipient)


def receive_add(copy: Component | None, incoming: Incoming) -> Receipt:
    """Return what a further instance makes of a copy; without a series to add it to it is unknown.

    A whole series more has no place in one object, as its rule counts from another start; the
    recipient may ask for the object anew.

    Raises:
        MalformedInput: a date, time, duration or rule of the copy cannot be read.
    """
    if copy is None:
        return unknown(UNKNOWN_UID)
    if not incoming.is_from_organizer_of(copy):
        return unknown(NO_AUTHORITY)
    draft = Draft(copy, incoming.default_zone)
    if draft.master is None:
        return unknown(UNKNOWN_UID)
    if any(one.get(name) is not None for one in components(incoming.calendar) for name in ("RRULE", "RDATE")):
        return unknown(NO_SECOND_SERIES)
    effect = combined([_add(draft, component, incoming) for component in components(incoming.calendar)])
    return _receipt(copy, effect, draft.calendar, incoming.recipient)


def _receipt(copy: Component, effect: Effect, calendar: Component, recipient: Actor) -> Receipt:
    if effect is not Effect.APPLIED:
        return Receipt(effect)
    if as_sent(calendar, copy):
        return Receipt(Effect.UNCHANGED)
    return Receipt(effect, calendar, significant=tells_more(copy, calendar, recipient))


def _first(incoming: Incoming) -> Receipt:
    """File what the recipient does not have; who declined and deleted it is left alone."""
    chosen = [filed(component) for component in components(incoming.calendar)]
    own = [own_line(component, incoming.recipient.addresses) for component in chosen]
    if own and all(line is not None and answer(line) == "DECLINED" for line in own):
        return Receipt(Effect.UNCHANGED)
    calendar = _emptied(incoming.calendar)
    adopt_zones(calendar, incoming.calendar, chosen)
    calendar.components += chosen
    return Receipt(Effect.APPLIED, calendar, significant=True)


def _emptied(message: Component) -> Component:
    """Return what stands at the head of a message, as it is stored."""
    return Component(
        "VCALENDAR", [line for name in ("VERSION", "PRODID", "CALSCALE") for line in message.all(name)[:1]]
    )


def _update_instances(draft: Draft, incoming: Incoming) -> Effect:
    """Put single instances in: new ones, and those that were changed (RFC 5546 section 3.2.2.1)."""
    parts = incoming.parts
    renamed = adopt_zones(draft.calendar, incoming.calendar, parts.overrides.values())
    effects = []
    for component in parts.overrides.values():
        key = draft.key_of(component, parts)
        assert key is not None  # noqa: S101  # overrides have a RECURRENCE-ID
        effects.append(_update_instance(draft, key, with_names(component, renamed), incoming))
    return combined(effects)


def _update_instance(draft: Draft, key: Key, component: Component, incoming: Incoming) -> Effect:
    sent, version = filed(component), version_of(component)
    present = draft.overrides.get(key)
    excluded = key in draft.excluded
    if present is not None:
        if version.is_older_than(stored_version_of(present)):
            return Effect.STALE
    elif draft.master is not None:
        had = stored_version_of(draft.master)
        if excluded:
            left_out = draft.version_excluded(key) or had
            if not left_out.is_older_than(version) or _declined(sent, incoming.recipient):
                return Effect.STALE
        elif version.sequence < had.sequence and _is_earlier(version, had):
            return Effect.STALE
    own = present if present is not None else draft.instance(key)
    if own is not None:
        changed = excluded or _is_changed(own, draft.parts, sent, incoming.parts)
        asked_again = is_asked_again(sent, own, incoming.recipient, changed=changed)
        sent = merged(sent, own, incoming.recipient, asked_again=asked_again)
    draft.include(key)
    draft.put(key, sent)
    reach = (sent.get("RECURRENCE-ID") or Line("RECURRENCE-ID", "")).param("RANGE")
    if reach is not None and reach.upper() == "THISANDFUTURE":
        _drop_later(draft, key, version)
    return Effect.APPLIED


def _drop_later(draft: Draft, key: Key, version: Version) -> None:
    """Drop the later instances that a change of all future ones has overtaken."""
    for later, override in list(draft.overrides.items()):
        if written(later) > written(key) and stored_version_of(override).is_older_than(version):
            draft.drop(later)


def _update_all(draft: Draft, incoming: Incoming) -> tuple[Effect, Component]:
    """Take the whole object anew, with what is the recipient's own."""
    sent = incoming.parts.master
    assert sent is not None  # noqa: S101  # the caller looked
    version = version_of(sent)
    master = filed(sent)
    reset = False
    if draft.master is not None:
        had = stored_version_of(draft.master)
        if version.is_older_than(had):
            return Effect.STALE, draft.calendar
        changed = version.sequence > had.sequence or _is_changed(draft.master, draft.parts, sent, incoming.parts)
        reset = is_asked_again(master, draft.master, incoming.recipient, changed=changed)
        master = merged(master, draft.master, incoming.recipient, asked_again=reset)
    calendar = _emptied(incoming.calendar)
    adopt_zones(calendar, incoming.calendar, components(incoming.calendar))
    calendar.components.append(master)
    update = _Update(draft, Draft(calendar, incoming.default_zone), incoming, version, reset)
    update.put_sent()
    update.put_kept()
    update.keep_excluded()
    return Effect.APPLIED, update.new.calendar


@dataclass(frozen=True, slots=True)
class _Update:
    """A whole object on its way into a copy."""

    old: Draft
    new: Draft
    incoming: Incoming
    version: Version
    reset: bool  # the recipient is asked anew about the series

    def put_sent(self) -> None:
        """Put in the instances that the message has, unless the copy has later ones."""
        recipient = self.incoming.recipient
        for component in self.incoming.parts.overrides.values():
            old_key = self.old.key_of(component, self.incoming.parts)
            key = self.new.key_of(component, self.incoming.parts)
            assert old_key is not None  # noqa: S101  # overrides have a RECURRENCE-ID
            assert key is not None  # noqa: S101
            sent, version = filed(component), version_of(component)
            present = self.old.overrides.get(old_key)
            if old_key in self.old.excluded and _declined(sent, recipient):
                self.new.exclude(key)
                continue
            if present is not None and version.is_older_than(stored_version_of(present)):
                self._keep(key, present)
                continue
            own = present if present is not None else self.old.instance(old_key)
            if own is not None:
                had = stored_version_of(own)
                changed = version.sequence > had.sequence or _is_changed(
                    own, self.old.parts, component, self.incoming.parts
                )
                asked_again = is_asked_again(sent, own, recipient, changed=changed)
                sent = merged(sent, own, recipient, asked_again=asked_again)
            self.new.put(key, sent)

    def put_kept(self) -> None:
        """Put in the instances that only the copy has: later ones, and those that differ by its owner's doing."""
        for old_key, override in self.old.overrides.items():
            key = self.new.key_of(override, self.old.parts)
            if key is None or key in self.new.overrides or key in self.new.excluded:
                continue
            if self.version.is_older_than(stored_version_of(override)):
                self._keep(key, override)
            elif not self.reset and _is_personal(self.old, old_key, override):
                instance = self.new.instance(key)
                if instance is not None:
                    plain = merged(filed(instance), override, self.incoming.recipient, asked_again=False)
                    self.new.put(key, plain)

    def keep_excluded(self) -> None:
        """Leave out what the owner has deleted, while the organizer has not changed the series."""
        if self.reset or self.old.master is None or self.version.sequence > stored_version_of(self.old.master).sequence:
            for key in self.old.excluded - self.new.excluded:
                self.new.forget(key)
            return
        for old_key in sorted(self.old.excluded, key=written):
            key = self.new.parts.key(old_key)
            if key not in self.new.overrides and self.new.instance(key) is not None:
                self.new.exclude(key)

    def _keep(self, key: Key, override: Component) -> None:
        renamed = adopt_zones(self.new.calendar, self.old.calendar, [override])
        self.new.put(key, with_names(override.copy(), renamed))


def _add(draft: Draft, component: Component, incoming: Incoming) -> Effect:
    master, version = draft.master, version_of(component)
    start = component.get("DTSTART") or component.get("DUE")
    assert master is not None  # noqa: S101  # the caller looked
    if start is None:
        return Effect.UNKNOWN
    had = stored_version_of(master)
    if version.is_older_than(had):
        return Effect.STALE
    key = draft.parts.key(incoming.parts.zones.when(start))
    if key in draft.overrides or draft.is_only(key):
        return Effect.UNCHANGED
    if key in draft.excluded:
        draft.include(key)
    elif draft.instance(key) is None:
        draft.add_date(key)
    else:
        return Effect.UNCHANGED
    renamed = adopt_zones(draft.calendar, incoming.calendar, [component])
    added = with_names(filed(component), renamed)
    added.properties.insert(0, draft.parts.recurrence_id(key))
    draft.put(key, merged(added, master, incoming.recipient, asked_again=True))
    set_version(master, version)
    return Effect.APPLIED


def _is_changed(own: Component, own_parts: Parts, sent: Component, parts: Parts) -> bool:
    """Whether time or recurrence differ, which who answered has agreed to."""
    return terms(own, own_parts)[:3] != terms(sent, parts)[:3]


def _is_personal(draft: Draft, key: Key, override: Component) -> bool:
    """Whether an instance is as the organizer's series has it, and only its owner made something of it."""
    instance = draft.instance(key)
    return (
        instance is not None
        and terms(instance, draft.parts) == terms(override, draft.parts)
        and content(instance) == content(override)
        and people(instance) == people(override)
    )


def _declined(component: Component, recipient: Actor) -> bool:
    line = own_line(component, recipient.addresses)
    return line is not None and answer(line) == "DECLINED"


def _is_earlier(version: Version, other: Version) -> bool:
    return version.stamp is not None and other.stamp is not None and version.stamp < other.stamp
