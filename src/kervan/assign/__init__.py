"""Assignment: demand and routes to flows, and flows counted on the ground back to demand."""
