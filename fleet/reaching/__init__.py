"""Questions about reach put to what was recorded: which rows they are about, read as far as a page can bear."""
