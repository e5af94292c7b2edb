"""A knob dragged through its axis: what the browser is sent, and the page."""
