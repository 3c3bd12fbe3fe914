"""Answers traders' questions from ASEAN customs guidance, with citations."""
