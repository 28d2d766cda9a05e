"""What a person has chosen or inherits, as one typed object; a capability of ours."""
