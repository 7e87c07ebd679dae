"""What is in the city and speaks to it: trucks and their onboard units, weighbridges and their clerks, furnaces."""
