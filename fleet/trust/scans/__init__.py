"""Reports of scanners, one format to a module."""
