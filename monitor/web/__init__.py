"""The pages and the API: inbox, task, sources, sign-in, health."""
