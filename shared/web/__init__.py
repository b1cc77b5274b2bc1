"""How do pages look and speak? Base template, texts in zh and en, static files, for all services.

A service keeps its templates and a `texts.yaml` in `services/<s>/pages/templates` and renders them
with `render` of `shared.web.pages`; `page` of `shared.web.responses` wraps the result with the
headers that every page needs; `static_router` of `shared.web.static` serves what the base template
links to.
"""
