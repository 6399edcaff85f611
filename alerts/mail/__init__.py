"""Everything that only e-mail needs: writing a message, and talking SMTP."""
