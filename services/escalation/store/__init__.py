"""Where are clock sheets kept, and what can be asked of them? All SQL of escalation."""
