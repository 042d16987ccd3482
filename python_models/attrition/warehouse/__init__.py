"""Reading relations and handing back results: one module for each warehouse."""
