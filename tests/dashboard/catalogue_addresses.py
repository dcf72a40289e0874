"""Who may call each operation of the API's catalogue; test_urls.py holds every address to it."""

from __future__ import annotations

OF_THE_CATALOGUE = {
    ("GET", "/api/v1/catalogue/mappings"): "viewer",
    ("POST", "/api/v1/catalogue/mappings"): "admin",
    ("GET", "/api/v1/catalogue/mappings/1"): "viewer",
    ("DELETE", "/api/v1/catalogue/mappings/1"): "admin",
    ("POST", "/api/v1/catalogue/mappings/1/preview"): "admin",
    ("POST", "/api/v1/catalogue/mappings/1/adopt"): "admin",
    ("POST", "/api/v1/catalogue/mappings/1/move"): "admin",
    ("GET", "/api/v1/catalogue/renaming"): "viewer",
    ("POST", "/api/v1/catalogue/import"): "admin",
}
