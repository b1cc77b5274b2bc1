"""THE CONTRACT: what the services tell each other and everybody else, one module per producer."""
