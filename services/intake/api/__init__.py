"""How do programs talk to the register? JSON over HTTP: parse, call one handler, translate."""
