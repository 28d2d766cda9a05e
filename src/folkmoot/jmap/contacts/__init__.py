"""Address books and contacts (RFC 9610) over the services of address books.

A stored card is one ``ContactCard`` in one ``AddressBook``; its text stays a vCard, which ``folkmoot.jmap.jscontact``
shows and edits.  SOGo's lists show as groups, user sources as address books that nobody writes to.
"""
