"""The kit and the texts behind the example documents. Everything in them is invented."""
