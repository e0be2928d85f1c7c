"""The words of a campaign: quantities, filters, offers, constraints, pool, scenario. No files, no solver."""
