"""SOGo's JSON actions that its tests and known integrations call; a thin face over the services."""
