"""The provider that speaks Google's generateContent."""
