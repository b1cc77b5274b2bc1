"""The servers and processes of one machine: how does Kesu get what it needs when nobody set it up?

`local_postgres` and `local_rabbitmq` give a running server for a directory (or the one of a given
URL), `local_services` runs the four services beside them. Nothing here is async; everything is a
context manager that ends what it began. Whatever goes wrong is `Unavailable`, with a plain sentence
and a remedy. Production hosts do not use this room: they name their servers by URL.
"""
