"""How a run looks from outside, at any moment of it. A view needs a past, not a running world: no simulation here."""
