"""Every way in and out: command line, pages, reports; it parses, calls one function and renders one value."""
