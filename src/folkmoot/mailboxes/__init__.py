"""Mail, for all faces: folders, lists, search, reading, composing, sending, filters.

Every message lives in IMAP and nowhere else.  A call names the caller and an account; ``accounts`` says whether the
caller may use it and how its servers are signed in to.  Faces never see a connection.
"""
