"""What a person's terminal shows and does: starting, healing, stopping, refusing."""
