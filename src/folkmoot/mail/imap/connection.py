"""An authenticated connection: what one may ask of mailboxes and messages, whatever the server can do itself.

One task uses it at a time (``pool`` sees to that).  Names of mailboxes are text; a mailbox that is selected stays so.
Fetches only peek.  After an error that left the conversation unclear the connection is of no more use (``usable``).
Every method raises ``Unavailable`` when the server has gone, and what ``refusals`` makes of its NO.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from folkmoot.core.errors import FolkmootError
from folkmoot.mail.channel import Allow, open_channel
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.imap import changing, fetching, finding, folders, granting, selecting, surveying, waiting
from folkmoot.mail.imap.criteria import Criterion
from folkmoot.mail.imap.dialogue import Dialogue
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.signing_in import SignIn
from folkmoot.mail.imap.values import (
    Appended,
    Changes,
    Copied,
    Event,
    Fetched,
    Listed,
    Namespaces,
    Quota,
    Rights,
    Selected,
    Status,
    Stored,
    Thread,
    Uids,
)
from folkmoot.mail.imap.wire import LITERAL_MAX
from folkmoot.mail.server import MailServer

Messages = list[Fetched]
Threads = list[Thread]
Conversations = list[list[int]]
Quotas = list[Quota]


@dataclass(frozen=True, slots=True)
class Manners:
    """How to speak to servers, as the settings say."""

    mechanism: str = ""  # NGImap4AuthMechanism
    acl_style: str = ""  # SOGoIMAPAclStyle
    sort_charset: str = "UTF-8"  # ImapSortEncoding
    transcript: bool = False
    literal_max: int = LITERAL_MAX
    spellings: dict[str, bytes] = field(default_factory=dict, compare=False)  # of names, by who shares the account


class Connection:
    """A connection that is signed in; made by ``Connection.open``."""

    def __init__(self, session: Session, manners: Manners) -> None:
        self._session = session
        self._manners = manners

    @classmethod
    async def open(
        cls, server: MailServer, credentials: Credentials, manners: Manners | None = None, *, allow: Allow | None = None
    ) -> "Connection":
        """Connect and sign in.

        Raises:
            SignInRefused: the server does not take the credentials.
            Unavailable: it cannot be reached, or not as the settings want it.
        """
        manners = manners or Manners()
        channel = await open_channel(server, allow)
        dialogue = Dialogue(channel, transcript=manners.transcript, literal_max=manners.literal_max)
        try:
            sign_in = SignIn(dialogue, server, mechanism=manners.mechanism)
            await sign_in.run(credentials)
            enabled = await sign_in.settle()
        except BaseException:
            dialogue.close()
            raise
        return cls(Session(dialogue, sign_in.capabilities, enabled, spellings=manners.spellings), manners)

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do, upper case."""
        return self._session.capabilities

    @property
    def enabled(self) -> frozenset[str]:
        """What ENABLE has turned on."""
        return self._session.enabled

    @property
    def mailbox(self) -> Selected | None:
        """The selected mailbox, as SELECT told it; the count of messages follows what the server tells."""
        return self._session.mailbox

    @property
    def writable(self) -> bool:
        """Whether the mailbox was selected to change it."""
        return self._session.mailbox is not None and self._session.writable

    @property
    def stale(self) -> bool:
        """Whether the mailbox has changed since it was selected."""
        return self._session.stale

    @property
    def usable(self) -> bool:
        """Whether the conversation can go on."""
        return self._session.dialogue.usable

    async def noop(self) -> None:
        """Hear what has happened."""
        await self._session.run("NOOP", b"NOOP")

    async def logout(self) -> None:
        """Say goodbye and hang up."""
        try:
            if self.usable:
                await self._session.dialogue.run("LOGOUT", b"LOGOUT")
        except FolkmootError:
            pass  # it has gone anyway
        finally:
            self.close()

    def close(self) -> None:
        """Hang up at once."""
        self._session.dialogue.close()

    # Mailboxes

    async def namespaces(self) -> Namespaces:
        """Return where one's own, other people's and shared mailboxes are; one's own at the top if it is not told."""
        return await folders.namespaces(self._session)

    async def list(
        self, pattern: str = "*", *, reference: str = "", subscribed: bool = False, status: Sequence[str] = ()
    ) -> list[Listed]:
        r"""Return mailboxes by a pattern (``*`` any, ``%`` within a level), with attributes and perhaps their STATUS.

        ``\subscribed`` stands among the attributes of those that are; ``subscribed`` leaves out all others.
        """
        return await folders.list_(self._session, pattern, reference=reference, subscribed=subscribed, status=status)

    async def status(self, name: str, items: Sequence[str]) -> Status:
        """Return STATUS: MESSAGES, UNSEEN, RECENT, UIDNEXT, UIDVALIDITY, HIGHESTMODSEQ, SIZE.

        Raises:
            NotFound: no such mailbox.
        """
        return await folders.status(self._session, name, items)

    async def select(self, name: str, *, write: bool = False, since: tuple[int, int] | None = None) -> Selected:
        """Select a mailbox; ``since`` is a UIDVALIDITY and a modseq after which changes are told (QRESYNC).

        Raises:
            NotFound: no such mailbox, or it holds no messages.
        """
        return await selecting.select(self._session, name, write=write, since=since)

    async def unselect(self) -> None:
        """Leave the mailbox; nothing is expunged."""
        await selecting.unselect(self._session)

    async def create(self, name: str, *, special_use: str = "") -> None:
        r"""Create a mailbox, with a special use (``\Drafts``) where the server takes it.

        Raises:
            Conflict: there is one.
        """
        await folders.create(self._session, name, special_use=special_use)

    async def delete(self, name: str) -> None:
        """Delete a mailbox with its messages.

        Raises:
            NotFound: no such mailbox.
        """
        await folders.delete(self._session, name)

    async def rename(self, old: str, new: str) -> None:
        """Rename a mailbox and all below it.

        Raises:
            Conflict: the new name is taken.
        """
        await folders.rename(self._session, old, new)

    async def subscribe(self, name: str) -> None:
        """Add a mailbox to those that clients show."""
        await folders.subscribe(self._session, name, wanted=True)

    async def unsubscribe(self, name: str) -> None:
        """Take a mailbox away from those that clients show."""
        await folders.subscribe(self._session, name, wanted=False)

    # Messages of the selected mailbox

    async def fetch(self, uids: Uids | str, items: Sequence[str], *, changed_since: int | None = None) -> Messages:
        """Fetch items of messages; those that are gone are left out, the order is the server's.

        Args:
            uids: UIDs, or a set as IMAP writes it (``7:*``).
            items: FLAGS, ENVELOPE, BODYSTRUCTURE, RFC822.SIZE, INTERNALDATE, MODSEQ, BODY.PEEK[…].
            changed_since: only those changed after this modseq.

        Raises:
            MalformedInput: an item that does not merely peek, or no set.
            Unsupported: ``changed_since`` without CONDSTORE.
        """
        return await fetching.fetch(self._session, uids, items, changed_since=changed_since)

    async def survey(self, uids: Uids, section: str, take: surveying.Surveyed) -> None:
        """Give UID, INTERNALDATE (seconds since 1970 UTC) and a section of many messages to ``take``, as they come.

        A message may be given twice, and the later one counts; those that are gone are left out.
        """
        await surveying.survey(self._session, uids, section, take)

    async def changes(self, modseq: int, uids: str = "1:*") -> Changes:
        """Return the flags that have changed since a modseq and the messages that vanished.

        Raises:
            Unsupported: the server lacks QRESYNC.
        """
        return await fetching.changes(self._session, modseq, uids)

    async def fetch_part(self, uid: int, section: str, *, limit: int) -> bytes:
        """Return a section's octets, in its transfer encoding.

        Raises:
            NotFound: the message is gone, or has no such part.
            TooLarge: it is larger than ``limit`` octets; not much more than these was read.
        """
        return await fetching.fetch_part(self._session, uid, section, limit=limit)

    def stream(self, uid: int, section: str) -> AsyncIterator[bytes]:
        """Yield a section's octets in pieces; raises as ``fetch_part`` does, without a limit."""
        return fetching.stream(self._session, uid, section)

    async def search(self, criterion: Criterion) -> Uids:
        """Return the UIDs of messages that fulfil a criterion, ascending."""
        return await finding.search(self._session, criterion)

    async def sort(self, keys: Sequence[str], criterion: Criterion) -> Uids:
        """Return the UIDs of messages that fulfil a criterion in an order (``["REVERSE DATE", "SUBJECT"]``).

        Without SORT the messages' envelopes are fetched and sorted here.
        """
        return await finding.sort(self._session, keys, criterion, charset=self._manners.sort_charset)

    async def thread(self, criterion: Criterion) -> Threads:
        """Return the conversations (REFERENCES) of messages that fulfil a criterion.

        Without THREAD the messages' headers are fetched and joined here.
        """
        return await finding.thread(self._session, criterion)

    async def conversations(self, criterion: Criterion) -> Conversations:
        """Return the UIDs of each conversation of messages that fulfil a criterion; a lone message is one, too.

        By references alone where the server can (REFS); REFERENCES joins those of the same subject, too.
        """
        return await finding.conversations(self._session, criterion)

    async def store(
        self,
        uids: Iterable[int],
        *,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        replace: Sequence[str] | None = None,
        unchanged_since: int | None = None,
    ) -> Stored:
        """Add, remove or replace flags and keywords; with a modseq only of messages that nobody has changed since.

        Raises:
            Unsupported: ``unchanged_since`` without CONDSTORE.
        """
        which = list(uids)
        done = Stored()
        for flags, how in ((replace, b""), (add, b"+"), (remove, b"-")):
            if flags or (how == b"" and flags is not None):
                one = await changing.store(self._session, which, flags, how, unchanged_since=unchanged_since)
                refused = set(one.refused)
                which = [uid for uid in which if uid not in refused]
                changed = {fetched.uid: fetched for fetched in (*done.changed, *one.changed)}
                done = Stored(tuple(changed.values()), (*done.refused, *one.refused))
                unchanged_since = None  # it is we who have changed it
        return done

    async def copy(self, uids: Iterable[int], target: str) -> Copied:
        """Copy messages into a mailbox.

        Raises:
            NotFound: no such mailbox.
            OverQuota: it is full.
        """
        return await changing.copy(self._session, uids, target)

    async def move(self, uids: Iterable[int], target: str) -> Copied:
        """Move messages into a mailbox; without MOVE they are copied, then deleted.

        Raises:
            NotFound: no such mailbox.
            OverQuota: it is full.
        """
        return await changing.move(self._session, uids, target)

    async def expunge(self, uids: Iterable[int]) -> None:
        r"""Remove those of these messages that are ``\Deleted``."""
        await changing.expunge(self._session, uids)

    async def append(
        self, name: str, message: bytes, *, flags: Sequence[str] = (), received: int | None = None
    ) -> Appended:
        """Store a message in a mailbox, which need not be selected.

        Args:
            name: the mailbox.
            message: its octets, with CRLF.
            flags: of the new message.
            received: INTERNALDATE in seconds since 1970 UTC; None: now.

        Raises:
            NotFound: no such mailbox.
            TooLarge: the message is; OverQuota: the mailbox is full.
        """
        return await changing.append(self._session, name, message, flags=flags, received=received)

    # Rights, quota, metadata

    async def get_rights(self, name: str) -> Rights:
        """Return everybody's rights in a mailbox, in RFC 4314's letters.

        Raises:
            Unsupported: the server keeps no rights.
        """
        return await granting.get_rights(self._session, name, style=self._manners.acl_style)

    async def my_rights(self, name: str) -> str:
        """Return one's own letters in a mailbox."""
        return await granting.my_rights(self._session, name, style=self._manners.acl_style)

    async def set_rights(self, name: str, identifier: str, letters: str) -> None:
        """Give an identifier exactly these letters in a mailbox."""
        await granting.set_rights(self._session, name, identifier, letters, style=self._manners.acl_style)

    async def delete_rights(self, name: str, identifier: str) -> None:
        """Take all rights in a mailbox from an identifier."""
        await granting.delete_rights(self._session, name, identifier)

    async def quota(self, name: str) -> Quotas:
        """Return the quotas that a mailbox counts towards; none where the server keeps none."""
        return await granting.quota(self._session, name)

    async def get_metadata(self, name: str, entries: Sequence[str]) -> Mapping[str, bytes]:
        """Return those entries (``/private/comment``) of a mailbox that have a value; ``name`` "" is the server."""
        return await granting.get_metadata(self._session, name, entries)

    async def set_metadata(self, name: str, entries: Mapping[str, bytes | None]) -> None:
        """Set entries of a mailbox; None removes one."""
        await granting.set_metadata(self._session, name, entries)

    # Waiting

    def idle(self, seconds: float) -> AsyncIterator[Event]:
        """Yield what happens in the selected mailbox, for so long; whoever stops early must close the connection."""
        return waiting.idle(self._session, seconds)

    def notify(self, seconds: float) -> AsyncIterator[Event]:
        """Yield what happens in all of one's own mailboxes, for so long (RFC 5465).

        Raises:
            Unsupported: the server lacks NOTIFY.
        """
        return waiting.notify(self._session, seconds)
