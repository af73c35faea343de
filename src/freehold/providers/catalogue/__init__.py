"""The catalogue: vendors and what is known of their models, as data."""

from freehold.providers.catalogue.model_cards import card_for, known_models
from freehold.providers.catalogue.vendors import Quirks, Vendor, parse_vendor, recognise_key, vendors

__all__ = ["Quirks", "Vendor", "card_for", "known_models", "parse_vendor", "recognise_key", "vendors"]
