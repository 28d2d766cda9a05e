"""When people are busy, when they can be met, and when they all can."""
