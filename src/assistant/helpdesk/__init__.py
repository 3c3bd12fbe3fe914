"""The review desk's service: what traders hand over, what officers do with it, and what the assistant learns of it."""
