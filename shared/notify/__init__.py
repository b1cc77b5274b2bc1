"""Telling people: by mail, chat or webhook, durably, until it has arrived."""
