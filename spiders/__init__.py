"""Collectors: one crawl process, one file per source."""
