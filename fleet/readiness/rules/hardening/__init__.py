"""Rules of one pillar, one to a module."""
