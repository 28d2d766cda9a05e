"""What others answered, carried from the organizer's object into an attendee's copy.

SOGo shows everybody's answers to everybody; an answer about one instance makes an override in all copies.
"""

from datetime import UTC, tzinfo

from folkmoot.ical import Component
from folkmoot.scheduling.instances import Parts
from folkmoot.scheduling.meeting import address_of
from folkmoot.scheduling.messages import delegators_of
from folkmoot.scheduling.own_parts import plain, with_answer
from folkmoot.scheduling.receiving.draft import Draft
from folkmoot.scheduling.values import Actor, Effect, Receipt


def merge_answers(copy: Component, organizers: Component, recipient: Actor, *, default_zone: tzinfo = UTC) -> Receipt:
    """Return an attendee's copy with the others' answers as the organizer has them; the own line stays.

    It never is significant: the Schedule-Tag stays (RFC 6638 section 3.2.10).

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    draft, source = Draft(copy, default_zone), Parts(organizers, default_zone)
    touched = False
    told = {key: one for one in source.overrides.values() if (key := draft.key_of(one, source)) is not None}
    for own_key, component in draft.parts.all:
        theirs = source.master if own_key is None else told.get(own_key, source.master)
        if theirs is not None and _merge(component, theirs, recipient):
            touched = True
    # What is answered by itself is compared with what the series says by now.
    for key, answered in told.items():
        if key in draft.overrides or key in draft.excluded:
            continue
        instance = draft.instance(key)
        if instance is not None and _merge(instance, answered, recipient):
            draft.put(key, instance)
            touched = True
    return Receipt(Effect.APPLIED, draft.calendar) if touched else Receipt(Effect.UNCHANGED)


def _merge(target: Component, answered: Component, recipient: Actor) -> bool:
    """Take the answers of one component over into another one; whether anything was new."""
    told = {address_of(line): line for line in answered.all("ATTENDEE")}
    present = {address_of(line) for line in target.all("ATTENDEE")}
    touched = False
    for place, line in enumerate(target.properties):
        if line.name != "ATTENDEE" or address_of(line) in recipient.addresses:
            continue
        said = told.get(address_of(line))
        if said is not None:
            new = with_answer(line, plain(said))
            if set(new.params) != set(line.params):
                target.properties[place] = new
                touched = True
    for who, line in told.items():
        if who not in present and who not in recipient.addresses and delegators_of(line) & present:
            target.add(plain(line))
            touched = True
    return touched
