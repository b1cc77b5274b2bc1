"""Where are invitations kept, and which figures can be asked of them? All SQL of surveys."""
