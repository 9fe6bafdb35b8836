"""From kept hits to numbered evidence: text, tables and pictures, within a budget."""
