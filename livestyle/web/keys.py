"""Keys: under which the application keeps what its handlers share."""

from __future__ import annotations

from aiohttp import web

from livestyle.web.doors import Doors
from livestyle.web.lending import Lending
from livestyle.web.rates import Rates
from livestyle.web.studio import Studio

STUDIO: web.AppKey[Studio] = web.AppKey("studio", Studio)
CHANGES: web.AppKey[Rates] = web.AppKey("changes", Rates)
"""How often an address may change settings."""
LENDING: web.AppKey[Lending] = web.AppKey("lending", Lending)
DOORS: web.AppKey[Doors] = web.AppKey("doors", Doors)
OFFERS: web.AppKey[Rates] = web.AppKey("offers", Rates)
"""How often an address may offer a camera."""
