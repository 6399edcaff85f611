"""Reading mentions from files that people export from elsewhere: CSV, JSONL and XLSX."""
