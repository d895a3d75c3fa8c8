"""Who may do what: facts in, conclusions out. Pure; reads no file, clock or network."""
