"""Whom a typed name or address may mean; a capability of ours."""
