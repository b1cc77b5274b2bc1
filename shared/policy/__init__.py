"""Policy and organisation: what is promised, who answers for it, and how that is written down in YAML."""
