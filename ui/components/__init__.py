"""What the app draws itself: components of its own in the browser, without any library there."""
