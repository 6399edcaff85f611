"""The built-in sample site: a shop, a blog, a forum and a news feed about an invented brand."""
