"""The services: RDS written here, the others answered by moto."""
