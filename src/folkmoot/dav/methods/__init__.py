"""One module a method; each takes the face and the request and returns the answer."""
