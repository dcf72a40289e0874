"""Rules about whose something is and how it came there: beside the pillars, not one of them."""
