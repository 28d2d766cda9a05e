"""SOGo's own requests about rights and subscriptions, Apple's delegates, and copies that show the time alone."""

from collections.abc import Iterable, Iterator

from tests.sogo.answers import Case
from tests.sogo.forms import BOOK, CALENDAR, ONE, SUPER, THREE, TWO, XMLNS, event, find, patch, props, put

INVERSE = 'xmlns="urn:inverse:params:xml:ns:inverse-dav"'
SECRETS = "CLASS:{}\r\nLOCATION:Cellar\r\nDESCRIPTION:Hush\r\nRRULE:FREQ=DAILY;COUNT=3\r\n"


def roles(path: str, who: str, given: Iterable[str], row: str = "set-up") -> Case:
    """Give somebody just these roles."""
    named = "".join(f"<{role}/>" for role in given)
    return _asked(path, f'<set-roles user="{who}">{named}</set-roles>', row=row)


def sharing() -> Iterator[Case]:
    """All of it."""
    yield from _rows()
    yield from _subscriptions()
    yield from _proxies()
    yield from _restricted()


def _asked(path: str, content: str, as_: str = ONE, row: str = "acl-query") -> Case:
    return Case(row, "POST", path, f"<acl-query {INVERSE}>{content}</acl-query>", as_=as_, of=content)


def _rows() -> Iterator[Case]:
    path, default = f"{CALENDAR}/", "&lt;default&gt;"
    yield _asked(path, f'<remove-user user="{TWO}"/>')
    for content in (
        "<user-list/>",
        f'<roles user="{TWO}"/>',
        f'<add-user user="{TWO}"/>',
        f'<roles user="{TWO}"/>',
        "<user-list/>",
        '<user-list params="nocn,noemail"/>',
        f'<set-roles user="{TWO}"><PublicDAndTViewer/><PrivateViewer/><ObjectCreator/></set-roles>',
        f'<roles user="{TWO}"/>',
        f'<set-roles users="{TWO},{THREE}"><PublicViewer/></set-roles>',
        f'<remove-user user="{THREE}"/>',
        f'<roles user="{default}"/>',
        f'<set-roles user="{default}"><PrivateViewer/></set-roles>',
        f'<roles user="{default}"/>',
        f'<roles user="{THREE}"/>',
        f'<set-roles user="{TWO}"/>',
        f'<roles user="{TWO}"/>',
        f'<remove-users users="{TWO},{default}"/>',
        '<roles user="anonymous"/>',
        "<bogus/>",
        "",
        '<set-roles user="nobody-here"><PublicViewer/></set-roles>',
        f'<set-roles user="{TWO}"><Nonsense/></set-roles>',
        '<remove-user user="nobody-here"/>',
        f'<remove-user user="{TWO}"/>',
    ):
        yield _asked(path, content)
    yield _asked(path, "<user-list/>", TWO)


def _subscriptions() -> Iterator[Case]:
    row = "subscribe"
    for path, given in ((f"{CALENDAR}/", ["PublicViewer"]), (f"{BOOK}/", ["ObjectViewer"])):
        yield roles(path, TWO, given)
        mounted = path.replace(f"{ONE}/", f"{TWO}/", 1).replace("compare", f"{ONE}_compare")
        for action in ("subscribe", "subscribe", "unsubscribe", "subscribe"):
            yield Case(row, "POST", path, f"<{action} {INVERSE}/>", as_=TWO, of=action)
        yield find(row, mounted, props("displayname owner resourcetype current-user-privilege-set"), as_=TWO)
        yield patch(row, mounted, "<D:displayname>Mine</D:displayname>", TWO)
        yield find(row, mounted, props("displayname"), as_=TWO, of="an own name")
        yield find(row, path, props("displayname"), of="the owner's name")
        yield roles(path, TWO, [])
        yield find(row, mounted, props("displayname"), as_=TWO, of="without rights")
        yield roles(path, TWO, given)
        yield find(row, mounted, props("displayname"), as_=TWO, of="with rights again")
        yield Case(row, "POST", path, f"<unsubscribe {INVERSE}/>", as_=TWO, of="unsubscribe")
        yield find(row, mounted, props("displayname"), as_=TWO, of="unsubscribed")
        yield Case(row, "POST", path, f"<subscribe {INVERSE}/>", of="one's own")
        yield Case(row, "POST", path, f'<subscribe {INVERSE} users="{THREE}"/>', as_=TWO, of="others")
        for action in ("subscribe", "unsubscribe"):
            yield Case(row, "POST", path, f'<{action} {INVERSE} users="{TWO}"/>', as_=SUPER, of=f"{action} another")


def _proxies() -> Iterator[Case]:
    row, personal = "proxies", f"/{ONE}/Calendar/personal/"
    for kind in ("read", "write"):
        group = f"/{ONE}/calendar-proxy-{kind}/"
        members = f"<D:group-member-set><D:href>/SOGo/dav/{THREE}/</D:href></D:group-member-set>"
        yield patch(row, group, members, of=kind)
        yield _asked(personal, f'<roles user="{THREE}"/>', row=row)
        yield find(row, group, props("group-member-set"), of=kind)
        yield find(row, f"/{THREE}/", props("CS:calendar-proxy-read-for CS:calendar-proxy-write-for"), as_=THREE)
        yield find(row, f"/{THREE}/Calendar/{ONE}_personal/", props("resourcetype"), as_=THREE, of="subscribed")
    yield patch(row, f"/{ONE}/calendar-proxy-write/", "<D:group-member-set/>", of="nobody")
    yield find(row, f"/{THREE}/", props("CS:calendar-proxy-read-for CS:calendar-proxy-write-for"), as_=THREE)
    yield patch(row, f"/{ONE}/calendar-proxy-read/", "<D:group-member-set/>", TWO, of="by another")
    yield Case("set-up", "POST", personal, f"<unsubscribe {INVERSE}/>", as_=THREE)
    yield _asked(personal, f'<remove-user user="{THREE}"/>', row="set-up")


def _restricted() -> Iterator[Case]:
    row, classes = "date and time", ("PUBLIC", "CONFIDENTIAL", "PRIVATE")
    for one in classes:
        yield put("set-up", f"{CALENDAR}/{one}.ics", event(one, SECRETS.format(one)), ONE)
    yield roles(f"{CALENDAR}/", TWO, [f"{one.title()}DAndTViewer" for one in classes])
    for one in classes:
        yield Case(row, "GET", f"{CALENDAR}/{one}.ics", as_=TWO)
        yield put(row, f"{CALENDAR}/{one}.ics", event(one), TWO, "written back")
        yield Case(row, "DELETE", f"{CALENDAR}/{one}.ics", as_=TWO)
    query = '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter>'
    asked = f"<C:calendar-query {XMLNS}><D:prop><C:calendar-data/></D:prop>{query}</C:calendar-query>"
    yield Case(row, "REPORT", f"{CALENDAR}/", asked, {"Depth": "1"}, TWO, body_counts=False)
    for one in classes:
        yield Case("set-up", "DELETE", f"{CALENDAR}/{one}.ics")
    yield _asked(f"{CALENDAR}/", f'<remove-user user="{TWO}"/>', row="set-up")
