"""What the incinerator service stores: plants and their furnace lines, emissions and what was exceeded, intake and ledgers."""
