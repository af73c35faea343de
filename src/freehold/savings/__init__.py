"""Savings: what routing and the cache kept from being spent, told from the ledger."""
