"""Mail over DAV: accounts, mailboxes and messages below ``/{user}/Mail/``, as SOGo lays them out."""
