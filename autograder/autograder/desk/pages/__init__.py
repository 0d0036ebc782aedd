"""Pages that an instructor gives away: HTML from data, without network and script."""
