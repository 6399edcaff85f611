"""The earshot.toml of the demonstration."""

from __future__ import annotations

from urllib.parse import urlsplit

TEMPLATE = """\
# The demonstration: Earshot listens to its own sample site. Nothing leaves this machine.

[[brands]]
name = "Aurora"
query = "*"
languages = ["en", "de", "hu", "lv", "zh"]

[[brands]]
name = "Zephyra"
query = "*"
languages = ["en", "de", "hu", "lv", "zh"]
competitor = true

[[sources]]
name = "shop-reviews"
kind = "schema_org"
brand = "Aurora"
url = "{site}/shop/reviews"
every = "5s"
detect_deleted = true

[[sources]]
name = "blog-comments"
kind = "wordpress"
brand = "Aurora"
url = "{site}"
every = "5s"

[[sources]]
name = "forum"
kind = "feed"
brand = "Aurora"
url = "{site}/forum/feed.xml"
every = "5s"

[[sources]]
name = "kitchen-news"
kind = "feed"
brand = "Zephyra"
url = "{site}/news/feed.xml"
every = "5s"

[[channels]]
name = "console"
kind = "console"

[delivery]
soft_per_hour = 0

[network]
contact = "{site}"
allow = ["{host}"]
"""


def demo_settings_toml(site_url: str) -> str:
    """Return a complete earshot.toml for the sample site at `site_url`."""
    return TEMPLATE.format(site=site_url, host=urlsplit(site_url).netloc)
