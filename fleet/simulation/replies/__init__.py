"""What an engine answers, built key for key as Docker Engine 20.10 does and then bent to the API asked for."""
