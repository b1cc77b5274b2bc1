"""Policy and organisation: what is promised, who answers for it, and how YAML says so."""
