"""Everything that only Slack needs: its errors, its layout, its wire."""
