"""Live properties: for each Clark name, how it is printed for which resource; dead ones as they were set."""
