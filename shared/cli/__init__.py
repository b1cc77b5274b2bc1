"""The `kesu` command: everything an operator does from a shell."""
