"""Plain WebDAV files below a home: any media type, nested collections."""
