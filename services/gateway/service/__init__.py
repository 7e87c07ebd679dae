"""Use cases of the gateway: keep the read model, show the city, follow it live, drill down, issue credentials."""
