"""What a caller may write to an object, where nothing follows from it for others."""

from folkmoot.collections.content import Checked, Write
from folkmoot.core.errors import Forbidden
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import Level, Rights
from folkmoot.store import objects
from folkmoot.store.records import Collection, IndexRow, ObjectMeta


class PlainSettling:
    """Settles writes of cards and files, and of calendar objects that are no meetings: rights, and nothing else."""

    async def settle(self, tx: Transaction, write: Write) -> Checked | None:
        """Return what was asked for; for who may only respond, what is there: nobody is invited, so nobody answers.

        Raises:
            Forbidden: a right is missing.
        """
        if write.wanted is None:
            check_may_erase(write.rights)
            return None
        present = write.present
        if present is not None and write.rights.level(present.classification) is Level.RESPOND:
            stored = await objects.get(tx, write.collection.id, write.name)
            if stored is not None:  # SOGo's clients are told 204 all the same
                return Checked(stored.body, present.content_type, _index_of(present))
        check_may_put(write.rights, present, write.wanted.index.classification)
        return write.wanted

    async def settle_removal(self, tx: Transaction, collection: Collection, rights: Rights) -> None:
        """Nothing follows for others."""

    async def look_up(self, addresses: frozenset[str]) -> None:
        """Nobody is asked for."""


def check_may_erase(rights: Rights) -> None:
    """Compare a deletion with the caller's rights.

    Raises:
        Forbidden: it needs the right to erase.
    """
    if not rights.erase:
        raise Forbidden("deleting needs the right to erase")


def check_may_put(rights: Rights, present: ObjectMeta | None, classification: int) -> None:
    """Compare a write with the caller's rights, on what is there and on what comes.

    Raises:
        Forbidden: to create needs the right to create; to replace needs the right to modify objects of the
            present class and of the new one.
    """
    if present is None:
        if not rights.create:
            raise Forbidden("creating needs the right to create")
        return
    level = rights.level(present.classification)
    if level < Level.VIEW:
        raise Forbidden("the name is taken")
    if level < Level.MODIFY or (
        rights.level(classification) < Level.MODIFY and classification != present.classification
    ):
        raise Forbidden("replacing needs the right to modify objects of this class")


def _index_of(meta: ObjectMeta) -> IndexRow:
    return IndexRow(
        uid=meta.uid,
        component=meta.component,
        starts_at=meta.starts_at,
        ends_at=meta.ends_at,
        exact=bool(meta.exact),
        transparent=bool(meta.transparent),
        classification=meta.classification,
        status=meta.status,
        title=meta.title,
        schedule_tag=meta.schedule_tag,
        participation=meta.participation,
    )
