"""The catalogue: vendors and what is known of their models, as data."""

from freehold.providers.catalogue.vendors import Vendor, parse_vendor, vendors

__all__ = ["Vendor", "parse_vendor", "vendors"]
