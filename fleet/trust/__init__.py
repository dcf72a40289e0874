"""Whose image runs: trust roots, what they say of an image, and how that is proven. Pure; `registry` reads for it."""
