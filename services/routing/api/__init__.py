"""The JSON doors of routing: lists and single cases, the steps of the desk, and why here."""
