"""Who may do what to a collection: roles as stored, rights as asked for by services."""
