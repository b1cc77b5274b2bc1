"""Where is the register kept? Tables, queries and migrations of intake's database."""
