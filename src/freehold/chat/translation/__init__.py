"""What messages say in other languages."""
