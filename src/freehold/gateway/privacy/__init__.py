"""Data that should not leave the house: how it is found in a text, and how it is hidden and put back; pure."""
