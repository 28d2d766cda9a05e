"""E-mail alarms: when they go off, and what they say."""
