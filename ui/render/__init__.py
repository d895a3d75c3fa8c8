"""From values to what is shown: terminal text, tables, CSV and JSON."""
